package io.quorate.placement.node;

import io.quorate.placement.cluster.ClusterImage;
import io.quorate.placement.cluster.PlacementCodec;
import io.quorate.placement.cluster.PlacementRecord;
import io.quorate.placement.cluster.Ruling;
import io.quorate.placement.oracle.OracleHost;
import io.quorate.placement.registry.RegistryHost;
import io.quorate.proto.PlacementError;
import io.quorate.raft.Leadership;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.ReplicatedLog;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This member of the PD group, as its services and its loop see it.
 *
 * @param log the group's log
 * @param machine the image it drives
 * @param oracle hands out revisions
 * @param registry hears the stores
 * @param members where the members are, by number
 */
record PlacementGroup(
    ReplicatedLog<Ruling> log,
    PlacementStateMachine machine,
    OracleHost oracle,
    RegistryHost registry,
    Supplier<Map<Long, String>> members) {
  private static final Logger LOG = LoggerFactory.getLogger(PlacementGroup.class);

  /** Ties the parts together; the machine tells them of leadership from then on. */
  static PlacementGroup of(
      ReplicatedLog<Ruling> log,
      PlacementStateMachine machine,
      Function<Supplier<String>, OracleHost> oracle,
      Function<Supplier<String>, RegistryHost> registry,
      Supplier<Map<Long, String>> members) {
    Supplier<String> leaderAddress = () -> leaderAddress(log, members.get());
    return new PlacementGroup(
        log, machine, oracle.apply(leaderAddress), registry.apply(leaderAddress), members);
  }

  ClusterImage image() {
    return machine.image();
  }

  Map<Long, String> addresses() {
    return members.get();
  }

  PlacementError notLeader() {
    return PlacementErrors.notLeader(leaderAddress(log, members.get()));
  }

  /**
   * Proposes under the present term, if this member leads it, and tells one of the two what came of it.
   *
   * @param refuse also for rulings that refuse
   */
  void propose(PlacementRecord record, Consumer<PlacementError> refuse, Consumer<Ruling> done) {
    Leadership leadership = log.leadership();
    if (!leadership.leading()) {
      refuse.accept(notLeader());
      return;
    }
    var unused = log.propose(PlacementCodec.encode(record), leadership.term())
        .whenComplete((ruling, failure) -> {
          try {
            if (failure != null) {
              refuse.accept(PlacementErrors.failed(failure, leaderAddress(log, members.get())));
            } else if (ruling instanceof Ruling.Refused refused) {
              refuse.accept(PlacementErrors.refused(refused));
            } else {
              done.accept(ruling);
            }
          } catch (RuntimeException e) {
            // Top of a raft thread: the asker is gone or its stream is broken; nobody else would
            // hear of it.
            LOG.warn("could not answer for {}", record.getClass().getSimpleName(), e);
          }
        });
  }

  /** The leader's address, unless it is this member that leads no more; empty if unknown. */
  private static String leaderAddress(ReplicatedLog<Ruling> log, Map<Long, String> addresses) {
    return log.leadership()
        .leader()
        .map(ReplicaId::store)
        .filter(leader -> leader != log.self().store())
        .map(addresses::get)
        .orElse("");
  }
}
