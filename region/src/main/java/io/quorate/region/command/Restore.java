package io.quorate.region.command;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.region.lease.LeaseChange;
import io.quorate.region.mvcc.KeyVersion;
import io.quorate.region.mvcc.Version;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Puts keys of a backup back with the revisions and versions they had. Each key must never have been here, or be just so: then a
 * repeat does nothing. Nobody is told of it as of a change: it is the past. Leases that are named must have been granted here before.
 *
 * @param kvs live versions, no key twice
 */
/*
 * Judged alike everywhere although some replicas have removed what their floor lets go: a tombstone above the floor stands on all
 * of them, and what is restored lies above it, too, or is refused.
 */
public record Restore(List<KeyVersion> kvs) implements Command {
  /** Keys in one command, at most. */
  public static final int MAX_KEYS = 10_000;

  public Restore {
    kvs = List.copyOf(kvs);
  }

  /** What can be refused without looking at any state. */
  Optional<Refusal> malformed() {
    if (kvs.size() > MAX_KEYS) {
      return invalid("at most " + MAX_KEYS + " keys are restored at once");
    }
    Set<Bytes> keys = new HashSet<>();
    for (KeyVersion kv : kvs) {
      Version version = kv.version();
      if (kv.key().isEmpty()
          || !keys.add(kv.key())
          || version.version() < 1
          || version.createRevision() < 1
          || version.modRevision() < version.createRevision()) {
        return invalid("key " + kv.key() + " cannot be restored as " + version);
      }
    }
    return Optional.empty();
  }

  @Override
  public boolean within(KeyRange range) {
    return kvs.stream().allMatch(kv -> range.contains(kv.key()));
  }

  @Override
  public void addTouched(Consumer<KeyRange> to) {
    kvs.forEach(kv -> to.accept(KeyRange.single(kv.key())));
  }

  @Override
  public void addWritten(Consumer<KeyRange> to) {
    addTouched(to);
  }

  @Override
  public Applied apply(RegionView view, Stamp stamp) {
    Optional<Refusal> refusal = check(view, stamp);
    if (refusal.isPresent()) {
      return Applied.refused(refusal.get());
    }
    List<Mutation> mutations = new ArrayList<>(kvs.size());
    List<LeaseChange> leases = new ArrayList<>(0);
    for (KeyVersion kv : kvs) {
      if (!view.head(kv.key()).isLive()) {
        mutations.add(new Mutation(kv.key(), kv.version()));
        if (kv.version().lease() != 0) {
          leases.add(new LeaseChange.Key(kv.version().lease(), kv.key(), true));
        }
      }
    }
    return new Applied(mutations, leases, new Outcome.Done(stamp.revision(), Result.Restored.DONE));
  }

  @Override
  public Optional<Refusal> check(RegionView before, Stamp stamp) {
    for (KeyVersion kv : kvs) {
      Version here = before.head(kv.key());
      Version coming = kv.version();
      if (here.isLive()
          && here.modRevision() == coming.modRevision()
          && here.createRevision() == coming.createRevision()
          && here.version() == coming.version()) {
        continue;
      }
      if (coming.modRevision() >= stamp.revision() || coming.modRevision() <= before.floor()) {
        return invalid("key " + kv.key() + " is of revision " + coming.modRevision()
            + ", which is not between what is removed here (" + before.floor()
            + ") and the newest (" + stamp.revision() + ")");
      }
      if (here.isLive() || here.modRevision() >= coming.modRevision()) {
        return invalid("key " + kv.key() + " was written here at revision " + here.modRevision()
            + ": restore into a new cluster");
      }
      if (coming.lease() != 0 && !before.leases().admits(coming.lease(), kv.key())) {
        return Optional.of(Refusal.LEASE_NOT_FOUND);
      }
    }
    return Optional.empty();
  }

  private static Optional<Refusal> invalid(String why) {
    return Optional.of(Refusal.invalid("quorate: " + why));
  }

  @Override
  public Result run(Run run) {
    throw new IllegalStateException("a restore is no part of a transaction");
  }
}
