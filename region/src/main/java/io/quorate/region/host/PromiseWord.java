package io.quorate.region.host;

import io.quorate.model.RegionId;
import io.quorate.region.mvcc.ByteReader;
import io.quorate.region.mvcc.ByteWriter;
import io.quorate.region.order.Resolved;
import java.util.ArrayList;
import java.util.List;

/**
 * What stores say to each other about how far regions are resolved. Told apart from other words by its first byte.
 *
 * @param asks regions of which the sender wants to hear
 * @param told promises of regions that the sender leads
 */
record PromiseWord(List<RegionId> asks, List<Told> told) {
  private static final int FORMAT = 2;

  /** A promise of a region. */
  record Told(RegionId region, Resolved promise) {}

  PromiseWord {
    asks = List.copyOf(asks);
    told = List.copyOf(told);
  }

  static boolean isOne(byte[] word) {
    return word.length > 0 && word[0] == FORMAT;
  }

  byte[] encode() {
    ByteWriter out = new ByteWriter(16 + 9 * asks.size() + 45 * told.size())
        .putByte(FORMAT)
        .putVarint(asks.size());
    asks.forEach(region -> out.putVarint(region.value()));
    out.putVarint(told.size());
    for (Told one : told) {
      out.putVarint(one.region().value())
          .putVarint(one.promise().epochVersion())
          .putVarint(one.promise().revision())
          .putVarint(one.promise().appliedIndex())
          .putVarint(one.promise().lastStamp());
    }
    return out.putChecksum(0).toByteArray();
  }

  /**
   * Reads a word.
   *
   * @throws IllegalStateException if it is damaged
   */
  static PromiseWord decode(byte[] word) {
    ByteReader in = new ByteReader(word, "word of promises").checkWhole();
    int format = in.takeByte();
    if (format != FORMAT) {
      throw in.damaged("format " + format + " is unknown to this build; run a newer one");
    }
    List<RegionId> asks = new ArrayList<>();
    for (long left = in.takeVarint(); left > 0; left--) {
      asks.add(new RegionId(in.takeVarint()));
    }
    List<Told> told = new ArrayList<>();
    for (long left = in.takeVarint(); left > 0; left--) {
      told.add(new Told(
          new RegionId(in.takeVarint()),
          new Resolved(in.takeVarint(), in.takeVarint(), in.takeVarint(), in.takeVarint())));
    }
    return new PromiseWord(asks, told);
  }
}
