package io.quorate.placement.cluster;

import io.quorate.placement.history.Barrier;
import io.quorate.placement.history.History;
import io.quorate.placement.history.TimeMap;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Bytes of what is kept of the past, inside those of {@link PlacementCodec}. Stateless. */
final class HistoryCodec {
  private HistoryCodec() {}

  static void write(DataOutputStream out, History history) throws IOException {
    out.writeLong(history.nonce());
    out.writeInt(history.barriers().size());
    for (Barrier barrier : history.barriers().values()) {
      write(out, barrier);
    }
    out.writeInt(history.times().samples().size());
    for (TimeMap.Sample sample : history.times().samples()) {
      write(out, sample);
    }
  }

  static History readHistory(DataInputStream in) throws IOException {
    long nonce = in.readLong();
    SortedMap<String, Barrier> barriers = new TreeMap<>();
    int held = in.readInt();
    for (int i = 0; i < held; i++) {
      Barrier barrier = readBarrier(in);
      barriers.put(barrier.name(), barrier);
    }
    List<TimeMap.Sample> samples = new ArrayList<>();
    int count = in.readInt();
    for (int i = 0; i < count; i++) {
      samples.add(readSample(in));
    }
    return new History(barriers, new TimeMap(samples), nonce);
  }

  static void write(DataOutputStream out, Barrier barrier) throws IOException {
    out.writeUTF(barrier.name());
    out.writeUTF(barrier.owner());
    out.writeLong(barrier.revision());
    out.writeLong(barrier.ttlMillis());
    out.writeLong(barrier.createdMillis());
    out.writeLong(barrier.renewals());
  }

  static Barrier readBarrier(DataInputStream in) throws IOException {
    return new Barrier(
        in.readUTF(), in.readUTF(), in.readLong(), in.readLong(), in.readLong(), in.readLong());
  }

  static void write(DataOutputStream out, TimeMap.Sample sample) throws IOException {
    out.writeLong(sample.age());
    out.writeLong(sample.revision());
    out.writeLong(sample.drawn());
    out.writeLong(sample.wallMillis());
  }

  static TimeMap.Sample readSample(DataInputStream in) throws IOException {
    return new TimeMap.Sample(in.readLong(), in.readLong(), in.readLong(), in.readLong());
  }
}
