package io.quorate.region.command;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.region.mvcc.KeyVersion;
import io.quorate.region.mvcc.Version;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Writes one key.
 *
 * @param key not empty
 * @param value empty if ignored
 * @param lease 0 detaches
 * @param previous answer with the version before
 * @param ignoreValue keep the value; the key must exist
 * @param ignoreLease keep the lease; the key must exist
 */
public record Put(
    Bytes key, Bytes value, long lease, boolean previous, boolean ignoreValue, boolean ignoreLease)
    implements Command {
  public static Put of(Bytes key, Bytes value) {
    return new Put(key, value, 0, false, false, false);
  }

  @Override
  public boolean within(KeyRange range) {
    return range.contains(key);
  }

  @Override
  public void addTouched(Consumer<KeyRange> to) {
    to.accept(KeyRange.single(key));
  }

  @Override
  public void addWritten(Consumer<KeyRange> to) {
    to.accept(KeyRange.single(key));
  }

  @Override
  public Optional<Refusal> check(RegionView before, Stamp stamp) {
    if ((ignoreValue || ignoreLease) && !before.head(key).isLive()) {
      return Optional.of(Refusal.KEY_NOT_FOUND);
    }
    // Judged by what is registered here; whether the home knows the lease is the leader's to ask.
    return lease == 0 || before.leases().admits(lease, key)
        ? Optional.empty()
        : Optional.of(Refusal.LEASE_NOT_FOUND);
  }

  @Override
  public Result run(Run run) {
    Version before = previous || ignoreValue ? run.newest(key) : run.head(key);
    boolean live = before.isLive();
    run.put(
        key, before, ignoreValue ? before.value() : value, ignoreLease ? before.lease() : lease);
    return previous && live
        ? new Result.PutDone(Optional.of(new KeyVersion(key, before)))
        : Result.PutDone.PLAIN;
  }
}
