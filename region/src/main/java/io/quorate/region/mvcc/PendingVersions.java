package io.quorate.region.mvcc;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Versions not yet written, seen over another source. One thread; walks end before the next {@link #add}. */
public final class PendingVersions implements VersionSource {
  private final VersionSource base;
  private final Map<Bytes, Pending> byKey = new HashMap<>();
  /** The same in order, kept from the first walk on; null before, since most batches never walk. */
  private @Nullable TreeMap<Bytes, Pending> inOrder;

  public PendingVersions(VersionSource base) {
    this.base = base;
  }

  /** Adds a version; it must be newer than all others of its key. */
  public void add(Bytes key, Version version) {
    Pending added = new Pending(version, byKey.get(key));
    byKey.put(key, added);
    if (inOrder != null) {
      inOrder.put(key, added);
    }
  }

  @Override
  public Version newest(Bytes key) {
    Pending pending = byKey.isEmpty() ? null : byKey.get(key);
    return pending == null ? base.newest(key) : pending.version;
  }

  @Override
  public Version head(Bytes key) {
    Pending pending = byKey.isEmpty() ? null : byKey.get(key);
    return pending == null ? base.head(key) : pending.version;
  }

  @Override
  public Version at(Bytes key, long revision) {
    Version version = visible(byKey.get(key), revision);
    return version == null ? base.at(key, revision) : version;
  }

  @Override
  public KeyWalk walk(KeyRange range, long revision, boolean values) {
    if (range.isEmpty()) {
      return base.walk(range, revision, values);
    }
    KeyWalk below = base.walk(range, revision, values);
    if (byKey.isEmpty()) {
      return below;
    }
    TreeMap<Bytes, Pending> sorted = inOrder;
    if (sorted == null) {
      sorted = new TreeMap<>(byKey);
      inOrder = sorted;
    }
    NavigableMap<Bytes, Pending> inside = range.isUnbounded()
        ? sorted.tailMap(range.start(), true)
        : sorted.subMap(range.start(), true, range.end(), false);
    return inside.isEmpty() ? below : new Merge(inside.entrySet().iterator(), below, revision);
  }

  private static @Nullable Version visible(@Nullable Pending newest, long revision) {
    for (Pending at = newest; at != null; at = at.older) {
      if (at.version.modRevision() <= revision) {
        return at.version;
      }
    }
    return null;
  }

  private record Pending(Version version, @Nullable Pending older) {}

  /** Both walks as one; a pending version hides the base's. */
  private static final class Merge implements KeyWalk {
    private final Iterator<Map.Entry<Bytes, Pending>> pending;
    private final KeyWalk base;
    private final long revision;
    private @Nullable Bytes pendingKey;
    private Version pendingVersion = Version.NONE;
    private boolean baseReady;
    private boolean onBase;
    private boolean fresh = true;

    Merge(Iterator<Map.Entry<Bytes, Pending>> pending, KeyWalk base, long revision) {
      this.pending = pending;
      this.base = base;
      this.revision = revision;
      stepPending();
      baseReady = base.next();
    }

    private void stepPending() {
      pendingKey = null;
      while (pendingKey == null && pending.hasNext()) {
        Map.Entry<Bytes, Pending> entry = pending.next();
        Version version = visible(entry.getValue(), revision);
        if (version != null) {
          pendingKey = entry.getKey();
          pendingVersion = version;
        }
      }
    }

    @Override
    public boolean next() {
      if (!fresh) {
        if (onBase) {
          baseReady = base.next();
        } else {
          stepPending();
        }
      }
      fresh = false;
      if (pendingKey == null) {
        onBase = true;
        return baseReady;
      }
      int order = baseReady ? pendingKey.compareTo(base.key()) : -1;
      if (order == 0) {
        baseReady = base.next();
      }
      onBase = order > 0;
      return true;
    }

    @Override
    public Bytes key() {
      return onBase || pendingKey == null ? base.key() : pendingKey;
    }

    @Override
    public boolean isLive() {
      return onBase ? base.isLive() : pendingVersion.isLive();
    }

    @Override
    public Version version() {
      return onBase ? base.version() : pendingVersion;
    }

    @Override
    public void close() {
      base.close();
    }
  }
}
