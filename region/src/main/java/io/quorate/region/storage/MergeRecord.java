package io.quorate.region.storage;

import com.google.protobuf.InvalidProtocolBufferException;
import io.quorate.model.Bytes;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.model.Wire;
import io.quorate.region.command.MergeState;
import io.quorate.region.mvcc.ByteReader;
import io.quorate.region.mvcc.ByteWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How what a region knows of merges is written; a region without the record knows of none. Stateless. */
final class MergeRecord {
  private MergeRecord() {}

  static byte[] encode(MergeState state) {
    ByteWriter out = new ByteWriter(128).putByte(RegionMeta.FORMAT);
    out.putByte(state.pending().isPresent() ? 1 : 0);
    state
        .pending()
        .ifPresent(pending -> out.putVarint(pending.generation())
            .putVarint(pending.epoch().version())
            .putVarint(pending.epoch().membership())
            .putBytes(Bytes.wrap(Wire.region(pending.right()).toByteArray())));
    out.putByte(state.frozen().isPresent() ? 1 : 0);
    state
        .frozen()
        .ifPresent(frozen -> out.putVarint(frozen.left().value()).putVarint(frozen.generation()));
    out.putVarint(state.decisions().size());
    state
        .decisions()
        .forEach(one -> out.putVarint(one.generation()).putByte(one.committed() ? 1 : 0));
    out.putVarint(state.ended().size());
    state.ended().forEach(one -> out.putVarint(one.region().value()).putVarint(one.version()));
    return out.putChecksum(0).toByteArray();
  }

  static MergeState decode(byte @Nullable [] record) {
    if (record == null) {
      return MergeState.NONE;
    }
    ByteReader in = RegionMeta.open(record, "merge state");
    Optional<MergeState.Pending> pending =
        in.takeByte() == 1 ? Optional.of(readPending(in)) : Optional.empty();
    Optional<MergeState.Frozen> frozen = in.takeByte() == 1
        ? Optional.of(new MergeState.Frozen(new RegionId(in.takeVarint()), in.takeVarint()))
        : Optional.empty();
    int count = in.takeCount();
    List<MergeState.Decision> decisions = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      decisions.add(new MergeState.Decision(in.takeVarint(), in.takeByte() == 1));
    }
    count = in.takeCount();
    List<MergeState.Ended> ended = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ended.add(new MergeState.Ended(new RegionId(in.takeVarint()), in.takeVarint()));
    }
    return new MergeState(pending, frozen, decisions, ended);
  }

  private static MergeState.Pending readPending(ByteReader in) {
    long generation = in.takeVarint();
    RegionEpoch epoch = new RegionEpoch(in.takeVarint(), in.takeVarint());
    try {
      RegionDescriptor right =
          Wire.region(io.quorate.proto.RegionDescriptor.parseFrom(in.takeBytes().toByteArray()));
      return new MergeState.Pending(generation, epoch, right);
    } catch (InvalidProtocolBufferException e) {
      throw in.damaged(String.valueOf(e.getMessage()));
    }
  }
}
