package io.quorate.region.wire;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Wire;
import io.quorate.proto.LeaseResponse;
import io.quorate.proto.LeaseTimeToLiveResponse;
import io.quorate.proto.Request;
import io.quorate.proto.Response;
import io.quorate.region.command.Refusal;
import io.quorate.region.command.Result;
import io.quorate.region.lease.DataCommand;
import io.quorate.region.lease.HomeCommand;
import io.quorate.region.lease.LeaseConfig;
import io.quorate.region.lease.LeaseHome;
import io.quorate.region.order.Footprint;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Between messages about leases and commands and outcomes. Stateless. */
public final class LeaseMessages {
  private LeaseMessages() {}

  /** Whether the request asks about leases and changes nothing in the log. */
  public static boolean isQuery(Request request) {
    return switch (request.getBodyCase()) {
      case LEASE_KEEP_ALIVE, LEASE_TIME_TO_LIVE, LEASE_LIST, LEASE_KEYS -> true;
      default -> false;
    };
  }

  static Parsed parse(Request request) {
    return switch (request.getBodyCase()) {
      case LEASE_GRANT ->
        grant(request.getLeaseGrant().getId(), request.getLeaseGrant().getTtl());
      case LEASE_REVOKE ->
        named(
            request.getLeaseRevoke().getId(),
            new HomeCommand.Revoke(request.getLeaseRevoke().getId(), 0, 0));
      case LEASE_REGISTER ->
        named(
            request.getLeaseRegister().getId(),
            new HomeCommand.Register(
                request.getLeaseRegister().getId(),
                Wire.range(request.getLeaseRegister().getRange())));
      case LEASE_STRIP ->
        named(
            request.getLeaseStrip().getId(),
            new DataCommand.Strip(
                Bytes.of(request.getLeaseStrip().getAt()),
                request.getLeaseStrip().getId(),
                request.getLeaseStrip().getGrantRevision()));
      case LEASE_KEEP_ALIVE -> keepAlive(request.getLeaseKeepAlive().getIdsList());
      case LEASE_TIME_TO_LIVE ->
        new Parsed.Leases(
            Footprint.of(LeaseHome.key(request.getLeaseTimeToLive().getId())));
      case LEASE_LIST -> question(Wire.range(request.getLeaseList().getRange()));
      case LEASE_KEYS -> question(Wire.range(request.getLeaseKeys().getRange()));
      default -> throw new IllegalArgumentException("not about leases");
    };
  }

  private static Parsed question(KeyRange range) {
    return new Parsed.Leases(new Footprint(List.of(), List.of(range)));
  }

  private static Parsed grant(long id, long ttl) {
    return ttl > LeaseConfig.MAX_TTL_SECONDS
        ? new Parsed.Refused(Refusal.LEASE_TTL_TOO_LARGE)
        : id == 0
            ? new Parsed.Refused(Refusal.invalid("quorate: 0 is the id of no lease"))
            : new Parsed.Write(new HomeCommand.Grant(id, Math.max(0, ttl)));
  }

  private static Parsed named(long id, io.quorate.region.command.Command command) {
    return id == 0 ? new Parsed.Refused(Refusal.LEASE_NOT_FOUND) : new Parsed.Write(command);
  }

  private static Parsed keepAlive(List<Long> ids) {
    int most = LeaseConfig.defaults().maxIds();
    if (ids.isEmpty() || ids.size() > most) {
      return new Parsed.Refused(
          Refusal.invalid("quorate: a keep-alive is for 1 to " + most + " leases"));
    }
    return new Parsed.Leases(new Footprint(ids.stream().map(LeaseHome::key).toList(), List.of()));
  }

  static LeaseResponse of(Result.Leased leased) {
    LeaseResponse.Builder message = LeaseResponse.newBuilder()
        .setId(leased.id())
        .setTtl(leased.ttl())
        .setGrantRevision(leased.grantRevision())
        .setDeleted(leased.deleted())
        .setMore(leased.more());
    leased.ranges().forEach(range -> message.addRanges(Wire.range(range)));
    return message.build();
  }

  /** A lease and all its keys are gone. */
  public static Response.Builder gone(long id, long revision) {
    return Response.newBuilder()
        .setRevision(revision)
        .setLease(LeaseResponse.newBuilder().setId(id));
  }

  /**
   * What is left of a lease.
   *
   * @param lease null if there is none
   * @param left whole seconds; -1 if it has ended
   */
  public static LeaseTimeToLiveResponse timeToLive(@Nullable LeaseHome lease, long left) {
    LeaseTimeToLiveResponse.Builder message =
        LeaseTimeToLiveResponse.newBuilder().setTtl(left);
    if (lease != null && left >= 0) {
      message.setGrantedTtl(lease.ttl()).setGrantRevision(lease.grantRevision());
      lease.ranges().ranges().forEach(range -> message.addRanges(Wire.range(range)));
    }
    return message.build();
  }

  /** Whether the answer promises that nothing was or will be written. */
  public static boolean isRefused(Response response) {
    return response.hasRefusal()
        || (response.hasRegionError() && !response.getRegionError().hasIndeterminate());
  }
}
