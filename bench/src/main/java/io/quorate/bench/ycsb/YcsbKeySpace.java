package io.quorate.bench.ycsb;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import site.ycsb.Utils;

/** Cuts the keys that YCSB's CoreWorkload makes ("user" and a hash in decimal) into even parts. */
public final class YcsbKeySpace {
  /** Enough for parts that differ by about a percent; YCSB hashes the record's number, so any numbers will do. */
  private static final int SAMPLE = 20_000;

  private YcsbKeySpace() {}

  /** The keys at which to split for so many regions with about the same number of records each. */
  public static List<String> splitKeys(int regions) {
    List<String> keys = LongStream.range(0, SAMPLE)
        .mapToObj(record -> "user" + Utils.hash(record))
        .sorted()
        .toList();
    List<String> splits = new ArrayList<>();
    for (int part = 1; part < regions; part++) {
      // Eight characters tell regions apart; longer split keys only make descriptors longer.
      splits.add(keys.get(SAMPLE * part / regions).substring(0, 8));
    }
    return splits;
  }
}
