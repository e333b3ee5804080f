package io.quorate.region.mvcc;

import io.quorate.model.Bytes;

/**
 * How a version is written: {@code format ‖ kind ‖ create ‖ version ‖ lease ‖ checksum of these ‖ value ‖ checksum of it}.
 * Two checksums, so that reads that want no value need not fetch it. Stateless.
 */
public final class VersionRecord {
  /** The only format there is. */
  static final int FORMAT = 1;

  /** At least as long as everything before the value. */
  public static final int HEAD_BYTES = 2 + 3 * 10 + 4;

  private static final int PUT = 1;
  private static final int TOMBSTONE = 2;

  private VersionRecord() {}

  public static byte[] encode(Version version) {
    ByteWriter out = new ByteWriter(24 + version.value().length());
    out.putByte(FORMAT);
    if (!version.isLive()) {
      return out.putByte(TOMBSTONE).putChecksum(0).toByteArray();
    }
    out.putByte(PUT)
        .putVarint(version.createRevision())
        .putVarint(version.version())
        .putVarint(version.lease())
        .putChecksum(0);
    int value = out.length();
    return out.putRaw(version.value()).putChecksum(value).toByteArray();
  }

  /**
   * Reads a record, or only its head.
   *
   * @param key the place it stands at, by {@link VersionKey}
   * @param record whole, or its first {@link #HEAD_BYTES} if no value is wanted
   * @throws IllegalStateException if it is damaged
   */
  public static Version decode(byte[] key, byte[] record, boolean value) {
    ByteReader in = new ByteReader(record, "version record of key " + VersionKey.key(key));
    int format = in.takeByte();
    if (format != FORMAT) {
      throw in.damaged("format " + format + " is unknown to this build");
    }
    int kind = in.takeByte();
    long revision = VersionKey.revision(key);
    int sub = VersionKey.sub(key);
    if (kind != (VersionKey.isTombstone(key) ? TOMBSTONE : PUT)) {
      throw in.damaged("kind " + kind + " does not fit its key");
    }
    if (kind == TOMBSTONE) {
      in.checkFrom(0);
      return Version.tombstone(revision, sub);
    }
    long create = in.takeVarint();
    long version = in.takeVarint();
    long lease = in.takeVarint();
    in.checkFrom(0);
    Bytes bytes = Bytes.EMPTY;
    if (value) {
      int from = in.position();
      int length = record.length - from - 4;
      bytes = in.takeRaw(length);
      in.checkFrom(from);
    }
    return new Version(revision, sub, create, version, lease, bytes);
  }
}
