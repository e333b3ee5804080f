package io.quorate.gateway;

import io.quorate.client.placement.PlacementClient;
import io.quorate.proto.etcd.ResponseHeader;

/**
 * Makes the header that each answer begins with. Owned by a gateway; any thread.
 *
 * <p>{@code raft_term} is the term of PD's leader: there is one for all keys, it only grows, and it is above zero.
 */
final class ResponseHeaders {
  private final PlacementClient placement;
  private final long member;

  /**
   * Heads of one gateway's answers.
   *
   * @param member id of who answers
   */
  ResponseHeaders(PlacementClient placement, long member) {
    this.placement = placement;
    this.member = member;
  }

  long member() {
    return member;
  }

  ResponseHeader at(long revision) {
    return ResponseHeader.newBuilder()
        .setClusterId(placement.clusterId())
        .setMemberId(member)
        .setRevision(revision)
        .setRaftTerm(Math.max(1, placement.oracle().newestKnown().term()))
        .build();
  }
}
