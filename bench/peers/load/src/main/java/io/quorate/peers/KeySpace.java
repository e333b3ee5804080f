package io.quorate.peers;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** The keys of a run and the values that belong to them: a value starts with its key, so that a read can be checked. */
public final class KeySpace {
  private static final int KEY_BYTES = 16;

  private final byte[][] keys;
  private final byte[] filling;

  /** A space of {@code count} keys whose values have {@code valueBytes} bytes. */
  public KeySpace(int count, int valueBytes) {
    if (count < 1 || valueBytes < KEY_BYTES) {
      throw new IllegalArgumentException(
          "keys " + count + ", value bytes " + valueBytes + " (at least " + KEY_BYTES + ")");
    }
    keys = new byte[count][];
    for (int i = 0; i < count; i++) {
      keys[i] = name(i).getBytes(StandardCharsets.US_ASCII);
    }
    filling = new byte[valueBytes];
    new SplittableRandom(valueBytes).nextBytes(filling);
  }

  /** How many keys there are. */
  public int size() {
    return keys.length;
  }

  /** The key at a position, in byte order. */
  public byte[] key(int index) {
    return keys[index];
  }

  /** A fresh value for the key at a position; clients may keep the array. */
  public byte[] value(int index) {
    byte[] value = filling.clone();
    System.arraycopy(keys[index], 0, value, 0, KEY_BYTES);
    return value;
  }

  /** Whether a read of the key at this position returned a value that was written for it. */
  public boolean isValueOf(int index, byte[] value) {
    return value.length == filling.length
        && Arrays.equals(value, 0, KEY_BYTES, keys[index], 0, KEY_BYTES);
  }

  /** The keys at which {@code count} keys fall apart into that many ranges of equal size. */
  public static List<String> boundaries(int count, int ranges) {
    List<String> boundaries = new ArrayList<>();
    for (int i = 1; i < ranges; i++) {
      boundaries.add(name((int) ((long) count * i / ranges)));
    }
    return List.copyOf(boundaries);
  }

  private static String name(int index) {
    return String.format("key-%012d", index);
  }
}
