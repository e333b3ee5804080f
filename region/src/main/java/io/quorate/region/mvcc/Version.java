package io.quorate.region.mvcc;

import io.quorate.model.Bytes;

/**
 * One version of a key: a value, or the mark that it was deleted. A key that never existed is {@link #NONE}, whose numbers
 * are etcd's for an absent key.
 *
 * @param modRevision the revision that wrote it; 0 only for {@link #NONE}
 * @param sub which operation of that revision wrote it, from 0
 * @param createRevision the revision that created the key in this life; 0 if deleted
 * @param version how many puts this life of the key has seen; 0 if deleted
 * @param lease attached lease; 0 is none
 * @param value empty if deleted, or if it was not asked for
 */
public record Version(
    long modRevision, int sub, long createRevision, long version, long lease, Bytes value) {
  /** Stands for a key that has no version. */
  public static final Version NONE = new Version(0, 0, 0, 0, 0, Bytes.EMPTY);

  /** The mark of a deletion: key and revision only, as etcd's delete events show it. */
  public static Version tombstone(long revision, int sub) {
    return new Version(revision, sub, 0, 0, 0, Bytes.EMPTY);
  }

  /** What a put makes of the key's newest version. */
  public static Version over(Version newest, long revision, int sub, long lease, Bytes value) {
    long created = newest.isLive() ? newest.createRevision() : revision;
    return new Version(revision, sub, created, newest.version() + 1, lease, value);
  }

  /** Whether the key exists in this version. */
  public boolean isLive() {
    return version > 0;
  }

  /** What to show of this version: itself, or nothing of a deleted key. */
  public Version orAbsent() {
    return isLive() ? this : NONE;
  }

  public Version withoutValue() {
    return new Version(modRevision, sub, createRevision, version, lease, Bytes.EMPTY);
  }

  /** Whether this was written after the other. */
  public boolean isNewerThan(Version other) {
    return modRevision > other.modRevision || (modRevision == other.modRevision && sub > other.sub);
  }
}
