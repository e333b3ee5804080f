package io.quorate.region.mvcc;

import io.quorate.model.Bytes;

/**
 * How a version is written: {@code format ‖ kind ‖ create ‖ version ‖ lease ‖ checksum of these ‖ value ‖ checksum of it}.
 * Two checksums, so that reads that want no value need not fetch it. Where the write has a name, its client and sequence stand
 * after the kind. Stateless.
 */
public final class VersionRecord {
  /** The only format there is. */
  static final int FORMAT = 1;

  /** Of client and sequence, at most. */
  private static final int NAME_BYTES = 8 + 10;

  /** At least as long as everything before the value. */
  public static final int HEAD_BYTES = 2 + NAME_BYTES + 3 * 10 + 4;

  private static final int PUT = 1;
  private static final int TOMBSTONE = 2;
  /** Added to the kind where a name follows. */
  private static final int NAMED = 2;

  private VersionRecord() {}

  public static byte[] encode(Version version) {
    return encode(version, 0, 0);
  }

  /**
   * Of a version whose write has a name.
   *
   * @param client of the write
   * @param sequence of the client; 0 if the write has no name
   */
  public static byte[] encode(Version version, long client, long sequence) {
    ByteWriter out = new ByteWriter(40 + version.value().length());
    int kind = version.isLive() ? PUT : TOMBSTONE;
    out.putByte(FORMAT);
    if (sequence == 0) {
      out.putByte(kind);
    } else {
      out.putByte(kind + NAMED).putLong(client).putVarint(sequence);
    }
    if (!version.isLive()) {
      return out.putChecksum(0).toByteArray();
    }
    out.putVarint(version.createRevision())
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
    int written = in.takeByte();
    int kind = written > TOMBSTONE ? written - NAMED : written;
    if (kind != written) {
      in.takeLong();
      in.takeVarint();
    }
    long revision = VersionKey.revision(key);
    int sub = VersionKey.sub(key);
    if (kind != (VersionKey.isTombstone(key) ? TOMBSTONE : PUT)) {
      throw in.damaged("kind " + written + " does not fit its key");
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

  /** Whether the record is of the write that has this name; of a damaged one, be it whole or not, anything. */
  public static boolean isNamed(byte[] record, long client, long sequence) {
    ByteReader in = new ByteReader(record, "version record");
    in.takeByte();
    return in.takeByte() > TOMBSTONE && in.takeLong() == client && in.takeVarint() == sequence;
  }
}
