package io.quorate.region.command;

import com.google.protobuf.InvalidProtocolBufferException;
import io.quorate.model.Bytes;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.model.Wire;
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
  private static final int MERGE_PREPARE = 10;
  private static final int MERGE_FREEZE = 11;
  private static final int MERGE_THAW = 12;
  private static final int MERGE_COMMIT = 13;
  private static final int MERGE_ABORT = 14;

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

  public static byte[] encode(MergeStep step) {
    if (step instanceof MergeStep.Prepare prepare) {
      return end(region(epoch(begin(MERGE_PREPARE, 256), prepare.expected()), prepare.right()));
    } else if (step instanceof MergeStep.Freeze freeze) {
      return end(epoch(begin(MERGE_FREEZE, 64), freeze.expected())
          .putVarint(freeze.left().value())
          .putVarint(freeze.generation()));
    } else if (step instanceof MergeStep.Thaw thaw) {
      return end(begin(MERGE_THAW, 32).putVarint(thaw.left().value()).putVarint(thaw.generation()));
    } else if (step instanceof MergeStep.Commit commit) {
      return end(begin(MERGE_COMMIT, 32).putVarint(commit.generation()));
    }
    return end(begin(MERGE_ABORT, 32).putVarint(((MergeStep.Abort) step).generation()));
  }

  private static ByteWriter epoch(ByteWriter out, RegionEpoch epoch) {
    return out.putVarint(epoch.version()).putVarint(epoch.membership());
  }

  private static RegionEpoch readEpoch(ByteReader in) {
    return new RegionEpoch(in.takeVarint(), in.takeVarint());
  }

  private static ByteWriter region(ByteWriter out, RegionDescriptor region) {
    return out.putBytes(Bytes.wrap(Wire.region(region).toByteArray()));
  }

  private static RegionDescriptor readRegion(ByteReader in) {
    try {
      return Wire.region(
          io.quorate.proto.RegionDescriptor.parseFrom(in.takeBytes().unsafeArray()));
    } catch (InvalidProtocolBufferException e) {
      throw in.damaged(String.valueOf(e.getMessage()));
    }
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
      case MERGE_PREPARE -> new MergeStep.Prepare(readEpoch(in), readRegion(in));
      case MERGE_FREEZE ->
        new MergeStep.Freeze(readEpoch(in), new RegionId(in.takeVarint()), in.takeVarint());
      case MERGE_THAW -> new MergeStep.Thaw(new RegionId(in.takeVarint()), in.takeVarint());
      case MERGE_COMMIT -> new MergeStep.Commit(in.takeVarint());
      case MERGE_ABORT -> new MergeStep.Abort(in.takeVarint());
      default -> throw in.damaged("kind " + kind + " is unknown to this build; run a newer one");
    };
    if (!in.isDone()) {
      throw in.damaged("bytes are left over");
    }
    return read;
  }

  private static Split readSplit(ByteReader in) {
    RegionEpoch expected = readEpoch(in);
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
