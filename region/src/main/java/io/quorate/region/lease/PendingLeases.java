package io.quorate.region.lease;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Changes that are not written yet, over what is stored. One thread. */
public final class PendingLeases implements LeaseView {
  private final LeaseView stored;
  private final List<LeaseChange> changes = new ArrayList<>();
  private final Map<Long, LeaseChange.Home> homes = new HashMap<>();
  private final Map<Long, Registration> registrations = new HashMap<>();
  private final Map<Long, TreeMap<Bytes, Boolean>> keys = new HashMap<>();
  private long term;

  public PendingLeases(LeaseView stored) {
    this.stored = stored;
  }

  /** What follows is judged as of an entry of this term. */
  public void enter(long entryTerm) {
    term = entryTerm;
  }

  public void add(LeaseChange change) {
    changes.add(change);
    if (change instanceof LeaseChange.Home home) {
      homes.put(change.lease(), home);
    } else if (change instanceof LeaseChange.Registered registered) {
      registrations.put(change.lease(), registered.now());
    } else if (change instanceof LeaseChange.Key key) {
      keys.computeIfAbsent(change.lease(), lease -> new TreeMap<>()).put(key.key(), key.attached());
    }
  }

  /** All that was added, in order. */
  public List<LeaseChange> changes() {
    return changes;
  }

  @Override
  public @Nullable LeaseHome home(long lease) {
    LeaseChange.Home pending = homes.get(lease);
    return pending == null ? stored.home(lease) : pending.now();
  }

  @Override
  public @Nullable Registration registration(long lease) {
    Registration pending = registrations.get(lease);
    return pending == null ? stored.registration(lease) : pending;
  }

  @Override
  public List<Bytes> keys(long lease, KeyRange range, int limit) {
    TreeMap<Bytes, Boolean> pending = keys.get(lease);
    if (pending == null) {
      return stored.keys(lease, range, limit);
    }
    // At most so many of the stored ones are gone.
    int enough = (int) Math.min(Integer.MAX_VALUE, (long) limit + pending.size());
    TreeSet<Bytes> all = new TreeSet<>(stored.keys(lease, range, enough));
    pending.forEach((key, attached) -> {
      if (range.contains(key)) {
        boolean unused = attached ? all.add(key) : all.remove(key);
      }
    });
    return all.stream().limit(limit).toList();
  }

  @Override
  public long term() {
    return term;
  }
}
