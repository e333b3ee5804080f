package io.quorate.client.txn;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.List;

/**
 * The share of one region in a transaction, as the regions were cut when it was made.
 *
 * @param number names it among the parts of its transaction; 0 until the coordinator gave one
 * @param writes in the order of their sub-numbers
 * @param reads what it relies on being unchanged
 */
public record Part(int number, List<KeyWrite> writes, List<KeyRange> reads) {
  public Part {
    writes = List.copyOf(writes);
    reads = List.copyOf(reads);
  }

  public static Part of(List<KeyWrite> writes, List<KeyRange> reads) {
    return new Part(0, writes, reads);
  }

  Part numbered(int as) {
    return new Part(as, writes, reads);
  }

  /** Whether the key is written in it. */
  public boolean writes(Bytes key) {
    return writes.stream().anyMatch(write -> write.key().equals(key));
  }

  /** Any key of it: routes it. */
  public Bytes key() {
    return writes.isEmpty() ? reads.get(0).start() : writes.get(0).key();
  }

  /** The smallest range that holds all of it. */
  public KeyRange span() {
    Bytes start = key();
    Bytes end = writes.isEmpty() ? reads.get(0).end() : key().next();
    for (KeyWrite write : writes) {
      start = write.key().compareTo(start) < 0 ? write.key() : start;
      Bytes after = write.key().next();
      end = KeyRange.compareEnds(after, end) > 0 ? after : end;
    }
    for (KeyRange read : reads) {
      start = read.start().compareTo(start) < 0 ? read.start() : start;
      end = KeyRange.compareEnds(read.end(), end) > 0 ? read.end() : end;
    }
    return KeyRange.of(start, end);
  }

  /** About how many bytes it has in a message. */
  public int weight() {
    int bytes = 64;
    for (KeyWrite write : writes) {
      bytes += write.weight();
    }
    for (KeyRange read : reads) {
      bytes += 16 + read.start().length() + read.end().length();
    }
    return bytes;
  }
}
