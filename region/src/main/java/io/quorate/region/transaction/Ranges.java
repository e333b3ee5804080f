package io.quorate.region.transaction;

import io.quorate.model.KeyRange;
import io.quorate.region.mvcc.ByteReader;
import io.quorate.region.mvcc.ByteWriter;
import java.util.ArrayList;
import java.util.List;

/** Lists of ranges: how they are written, and where they lie. Stateless. */
final class Ranges {
  private Ranges() {}

  static boolean within(List<KeyRange> ranges, KeyRange region) {
    for (KeyRange range : ranges) {
      if (!range.isEmpty() && !region.contains(range)) {
        return false;
      }
    }
    return true;
  }

  static int weight(List<KeyRange> ranges) {
    int weight = 8;
    for (KeyRange range : ranges) {
      weight += 8 + range.start().length() + range.end().length();
    }
    return weight;
  }

  static void write(ByteWriter out, List<KeyRange> ranges) {
    out.putVarint(ranges.size());
    ranges.forEach(range -> out.putBytes(range.start()).putBytes(range.end()));
  }

  static List<KeyRange> read(ByteReader in) {
    int count = in.takeCount();
    List<KeyRange> ranges = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ranges.add(new KeyRange(in.takeBytes(), in.takeBytes()));
    }
    return ranges;
  }
}
