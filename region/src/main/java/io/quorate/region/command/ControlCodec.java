package io.quorate.region.command;

import io.quorate.model.Bytes;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.region.mvcc.ByteReader;
import io.quorate.region.mvcc.ByteWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * How entries that steer the region are written: {@code format ‖ rule version ‖ kind ‖ fields ‖ checksum}. Each stands alone in
 * its entry. Stateless.
 */
public final class ControlCodec {
  /** Beside {@link LogCodec#FORMAT}: the first byte of an entry tells which it is. */
  static final int FORMAT = 2;

  private static final int SPLIT = 1;
  private static final int COMPUTE_SUM = 2;
  private static final int VERIFY_SUM = 3;
  private static final int ADVANCE_FLOOR = 20;

  private ControlCodec() {}

  /** Whether the entry is one of these. */
  public static boolean isControl(byte[] entry) {
    return entry.length > 0 && entry[0] == FORMAT;
  }

  public static byte[] encode(Split split) {
    ByteWriter out = begin(SPLIT, 64 * (1 + split.cuts().size()))
        .putVarint(split.expected().version())
        .putVarint(split.expected().membership())
        .putVarint(split.cuts().size());
    for (Split.Cut cut : split.cuts()) {
      out.putBytes(cut.end())
          .putVarint(cut.region().value())
          .putVarint(cut.replicas().size());
      cut.replicas().forEach(out::putVarint);
    }
    return end(out);
  }

  public static byte[] encode(ComputeSum sum) {
    return end(begin(COMPUTE_SUM, 32).putVarint(sum.revision()));
  }

  public static byte[] encode(VerifySum sum) {
    return end(
        begin(VERIFY_SUM, 48).putVarint(sum.index()).putLong(sum.sum()).putVarint(sum.count()));
  }

  public static byte[] encode(AdvanceFloor floor) {
    return end(begin(ADVANCE_FLOOR, 32).putVarint(floor.revision()));
  }

  private static ByteWriter begin(int kind, int estimate) {
    return new ByteWriter(estimate).putByte(FORMAT).putVarint(LogCommands.RULES).putByte(kind);
  }

  private static byte[] end(ByteWriter out) {
    return out.putChecksum(0).toByteArray();
  }

  /**
   * Reads an entry.
   *
   * @throws IllegalStateException if it is damaged, or of a rule version or kind that this build does not know
   */
  public static RegionEntry decode(byte[] entry) {
    ByteReader in = new ByteReader(entry, "log entry");
    int format = in.takeByte();
    if (format != FORMAT) {
      throw in.damaged("format " + format + " is unknown to this build; run a newer one");
    }
    in.checkWhole();
    long rules = in.takeVarint();
    if (rules != LogCommands.RULES) {
      throw in.damaged("rule version " + rules + " is unknown to this build; run a newer one");
    }
    int kind = in.takeByte();
    RegionEntry read = switch (kind) {
      case SPLIT -> readSplit(in);
      case COMPUTE_SUM -> new ComputeSum(in.takeVarint());
      case VERIFY_SUM -> new VerifySum(in.takeVarint(), in.takeLong(), in.takeVarint());
      case ADVANCE_FLOOR -> new AdvanceFloor(in.takeVarint());
      default -> throw in.damaged("kind " + kind + " is unknown to this build; run a newer one");
    };
    if (!in.isDone()) {
      throw in.damaged("bytes are left over");
    }
    return read;
  }

  private static Split readSplit(ByteReader in) {
    RegionEpoch expected = new RegionEpoch(in.takeVarint(), in.takeVarint());
    int count = in.takeCount();
    List<Split.Cut> cuts = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Bytes end = in.takeBytes();
      RegionId region = new RegionId(in.takeVarint());
      int peers = in.takeCount();
      List<Long> replicas = new ArrayList<>(peers);
      for (int peer = 0; peer < peers; peer++) {
        replicas.add(in.takeVarint());
      }
      cuts.add(new Split.Cut(end, region, replicas));
    }
    return new Split(expected, cuts);
  }
}
