package io.quorate.region.wire;

import io.quorate.model.Bytes;
import io.quorate.region.command.Command;
import io.quorate.region.command.Refusal;
import io.quorate.region.mvcc.RangeQuery;
import io.quorate.region.order.Footprint;

/** A request's body, understood and found fit to be judged by the data; or why not. */
public sealed interface Parsed {
  /** To go through the log. */
  record Write(Command command) implements Parsed {}

  /**
   * A range read.
   *
   * @param serializable whether any replica may answer at its applied state
   */
  record Range(RangeQuery query, boolean serializable) implements Parsed {}

  /** The newest version of one key. */
  record Get(Bytes key) implements Parsed {}

  /**
   * A question about leases, answered by the leader from memory or disk.
   *
   * @param footprint what must lie in the region
   */
  record Leases(Footprint footprint) implements Parsed {}

  /**
   * A question about transactions, answered by the leader from memory, or by its log.
   *
   * @param footprint what must lie in the region
   * @param claims the greatest revision that the asker says was handed out
   */
  record Txns(Footprint footprint, long claims) implements Parsed {}

  /** Can never be done. */
  record Refused(Refusal refusal) implements Parsed {}
}
