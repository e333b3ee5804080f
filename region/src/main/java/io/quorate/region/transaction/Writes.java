package io.quorate.region.transaction;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.region.mvcc.ByteReader;
import io.quorate.region.mvcc.ByteWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What a transaction writes in one region, and what it read there that must not have changed.
 *
 * @param writes no key twice
 * @param reads ranges, of one key or more
 */
public record Writes(List<Write> writes, List<KeyRange> reads) {
  /** What becomes of one key. */
  public record Write(Bytes key, WriteLock.Intent intent) {}

  public Writes {
    writes = List.copyOf(writes);
    reads = List.copyOf(reads);
  }

  boolean within(KeyRange region) {
    for (Write write : writes) {
      if (!region.contains(write.key())) {
        return false;
      }
    }
    return Ranges.within(reads, region);
  }

  void addWritten(Consumer<KeyRange> to) {
    writes.forEach(write -> to.accept(KeyRange.single(write.key())));
  }

  int weight() {
    int weight = Ranges.weight(reads);
    for (Write write : writes) {
      weight += 32 + write.key().length() + write.intent().value().length();
    }
    return weight;
  }

  void write(ByteWriter out) {
    out.putVarint(writes.size());
    for (Write write : writes) {
      out.putBytes(write.key());
      LockCodec.write(out, write.intent());
    }
    Ranges.write(out, reads);
  }

  static Writes read(ByteReader in) {
    int count = in.takeCount();
    List<Write> writes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      writes.add(new Write(in.takeBytes(), LockCodec.readIntent(in)));
    }
    return new Writes(writes, Ranges.read(in));
  }
}
