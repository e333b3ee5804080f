package io.quorate.region.mvcc;

import io.quorate.model.Bytes;
import io.quorate.model.Keyspace;
import java.util.Arrays;

/**
 * How a version's place is written: {@code keyspace ‖ user key, 00 as 00 FF ‖ 00 01 ‖ zeros up to 32 bytes ‖ ~revision ‖
 * ~(sub, tombstone)}. In byte order: keys ascending, of one key the newest version first. Stateless.
 *
 * <p>The zeros make every key at least as long as the prefix that the storage's bloom filters are built on, so that no
 * revision byte ever falls into that prefix: exact for keys up to 29 bytes, else as good as their first 31. Whether the
 * version is a tombstone stands in the key too, so that counting reads no values.
 */
public final class VersionKey {
  /** Length of the prefix of every encoded key that no revision byte falls into. */
  public static final int PREFIX_BYTES = 32;

  /** Revision (8) and sub-revision with the tombstone bit (4). */
  public static final int SUFFIX_BYTES = 12;

  private static final byte ESCAPED_ZERO = (byte) 0xff;
  private static final byte END = 1;

  private VersionKey() {}

  /** The bytes that all versions of the key start with, and those of no other key. */
  public static byte[] prefix(Keyspace keyspace, Bytes key) {
    return encode(keyspace, key, 0);
  }

  /** The place of one version. */
  public static byte[] encode(
      Keyspace keyspace, Bytes key, long revision, int sub, boolean tombstone) {
    byte[] encoded = encode(keyspace, key, SUFFIX_BYTES);
    writeSuffix(encoded, encoded.length - SUFFIX_BYTES, revision, sub, tombstone);
    return encoded;
  }

  /** The place from which a seek finds the key's newest version not above the revision. */
  public static byte[] seek(Keyspace keyspace, Bytes key, long revision) {
    byte[] encoded = encode(keyspace, key, SUFFIX_BYTES);
    writeSeekSuffix(encoded, encoded.length - SUFFIX_BYTES, revision);
    return encoded;
  }

  /** Makes an encoded place of any version of a key the place for {@link #seek} of another revision. */
  public static byte[] seekFrom(byte[] encoded, long revision) {
    byte[] place = encoded.clone();
    writeSeekSuffix(place, place.length - SUFFIX_BYTES, revision);
    return place;
  }

  /** The first place after all versions of the key whose version stands at the given place. */
  public static byte[] after(byte[] encoded) {
    byte[] place = Arrays.copyOf(encoded, encoded.length + 1);
    Arrays.fill(place, encoded.length - SUFFIX_BYTES, encoded.length, (byte) 0xff);
    return place;
  }

  /** First place of a keyspace, and of the one after it: bounds of a walk to its last key. */
  public static byte[] endOf(Keyspace keyspace) {
    return new byte[] {(byte) (keyspace.prefix() + 1)};
  }

  /** Place before all versions of the key and of all greater keys: a bound of a walk. */
  public static byte[] bound(Keyspace keyspace, Bytes key) {
    return prefix(keyspace, key);
  }

  private static byte[] encode(Keyspace keyspace, Bytes key, int room) {
    byte[] source = key.unsafeArray();
    int zeros = 0;
    for (byte b : source) {
      if (b == 0) {
        zeros++;
      }
    }
    int length = Math.max(1 + source.length + zeros + 2, PREFIX_BYTES);
    byte[] encoded = new byte[length + room];
    encoded[0] = keyspace.prefix();
    int at = 1;
    if (zeros == 0) {
      System.arraycopy(source, 0, encoded, 1, source.length);
      at += source.length;
    } else {
      for (byte b : source) {
        encoded[at++] = b;
        if (b == 0) {
          encoded[at++] = ESCAPED_ZERO;
        }
      }
    }
    encoded[at + 1] = END;
    return encoded;
  }

  private static void writeSuffix(byte[] to, int at, long revision, int sub, boolean tombstone) {
    BigEndian.putLong(to, at, ~revision);
    BigEndian.putInt(to, at + 8, ~(sub << 1 | (tombstone ? 1 : 0)));
  }

  private static void writeSeekSuffix(byte[] to, int at, long revision) {
    BigEndian.putLong(to, at, ~revision);
    BigEndian.putInt(to, at + 8, 0);
  }

  /** The user key of an encoded place. */
  public static Bytes key(byte[] encoded) {
    int zeros = 0;
    int at = 1;
    while (encoded[at] != 0 || encoded[at + 1] != END) {
      if (encoded[at] == 0) {
        zeros++;
        at++;
      }
      at++;
    }
    if (zeros == 0) {
      return Bytes.wrap(Arrays.copyOfRange(encoded, 1, at));
    }
    byte[] key = new byte[at - 1 - zeros];
    int from = 1;
    for (int i = 0; i < key.length; i++) {
      key[i] = encoded[from++];
      if (key[i] == 0) {
        from++;
      }
    }
    return Bytes.wrap(key);
  }

  public static long revision(byte[] encoded) {
    return ~BigEndian.getLong(encoded, encoded.length - SUFFIX_BYTES);
  }

  public static int sub(byte[] encoded) {
    return ~BigEndian.getInt(encoded, encoded.length - 4) >>> 1;
  }

  public static boolean isTombstone(byte[] encoded) {
    return (encoded[encoded.length - 1] & 1) == 0;
  }

  /** Whether both places are versions of one key. */
  public static boolean sameKey(byte[] left, byte[] right) {
    return left.length == right.length
        && Arrays.equals(
            left, 0, left.length - SUFFIX_BYTES, right, 0, right.length - SUFFIX_BYTES);
  }
}
