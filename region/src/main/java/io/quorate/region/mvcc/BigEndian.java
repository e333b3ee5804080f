package io.quorate.region.mvcc;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Numbers in byte arrays, greatest byte first, so that unsigned byte order is the numbers' order. Stateless. */
public final class BigEndian {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private BigEndian() {}

  public static void putLong(byte[] to, int at, long value) {
    LONG.set(to, at, value);
  }

  public static long getLong(byte[] from, int at) {
    return (long) LONG.get(from, at);
  }

  public static void putInt(byte[] to, int at, int value) {
    INT.set(to, at, value);
  }

  public static int getInt(byte[] from, int at) {
    return (int) INT.get(from, at);
  }
}
