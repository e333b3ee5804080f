package io.quorate.client.lease;

import io.quorate.client.txn.TransactionClient;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Wire;
import io.quorate.proto.LeaseRegisterRequest;
import io.quorate.proto.LeaseResponse;
import io.quorate.proto.LeaseStripRequest;
import io.quorate.proto.RefusalCode;
import io.quorate.proto.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What stores ask each other about leases, as ordinary clients: both requests may come twice. Any thread; futures may complete
 * on I/O threads.
 */
public final class LeasePeers {
  /** Regions that one revocation asks at a time. */
  private static final int LANES = 8;

  private final LeaseCalls calls;
  private final LeaseDeletion deletion;

  /** Made by the client. */
  public LeasePeers(LeaseCalls calls, LeaseClient leases, TransactionClient transactions) {
    this.calls = calls;
    this.deletion = new LeaseDeletion(leases, transactions);
  }

  /**
   * What a home has registered.
   *
   * @param grantRevision of the lease
   * @param homeRevision of the home's entry
   * @param range where it will look for keys
   */
  public record Registered(long grantRevision, long homeRevision, KeyRange range) {}

  /** Tells a lease's home where keys of it may come to lie; empty if there is no such lease. */
  public CompletableFuture<Optional<Registered>> register(
      long lease, KeyRange range, Duration timeout) {
    LeaseRegisterRequest body = LeaseRegisterRequest.newBuilder()
        .setId(lease)
        .setRange(Wire.range(range))
        .build();
    LeaseCalls.Ask<Registered> ask = new LeaseCalls.Ask<>(
        LeaseKeys.of(lease),
        null,
        false,
        body.getSerializedSize(),
        request -> request.setLeaseRegister(body),
        Response.BodyCase.LEASE,
        LeasePeers::registered);
    return Chain.of(
        calls.call(ask, timeout),
        found -> CompletableFuture.completedFuture(Optional.of(found)),
        failure -> LeaseClient.code(failure) == RefusalCode.LEASE_NOT_FOUND
            ? CompletableFuture.completedFuture(Optional.empty())
            : CompletableFuture.failedFuture(failure));
  }

  private static Registered registered(Response response) {
    LeaseResponse lease = response.getLease();
    return new Registered(
        lease.getGrantRevision(), response.getRevision(), Wire.range(lease.getRanges(0)));
  }

  /**
   * Deletes the keys of a lease that is being revoked, wherever in the ranges they are: all at one revision, if a transaction can
   * hold them. What was put while that ran, or if it cannot be done, goes region by region.
   *
   * @param timeout of each request
   * @return how many keys; every region of the ranges has a mark of the lease's end then
   */
  public CompletableFuture<Long> strip(
      long lease, long grantRevision, List<KeyRange> ranges, Duration timeout) {
    CompletableFuture<List<KeyRange>> parts = CompletableFuture.completedFuture(List.of());
    for (KeyRange range : ranges) {
      parts = parts.thenCombine(calls.parts(range, timeout), LeasePeers::joined);
    }
    Strip strip = new Strip(lease, grantRevision, timeout);
    return parts.thenCompose(all -> {
      CompletableFuture<Long> atOnce = all.size() > 1
          ? deletion.run(lease, all, timeout)
          : CompletableFuture.completedFuture(0L);
      return atOnce.thenCompose(gone -> eachRegion(strip, all).thenApply(rest -> gone + rest));
    });
  }

  private CompletableFuture<Long> eachRegion(Strip strip, List<KeyRange> all) {
    List<CompletableFuture<Long>> lanes = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      KeyRange part = all.get(i);
      if (i < LANES) {
        lanes.add(from(strip, part.start(), part.end()));
      } else {
        lanes.set(
            i % LANES,
            lanes
                .get(i % LANES)
                .thenCompose(
                    done -> from(strip, part.start(), part.end()).thenApply(more -> done + more)));
      }
    }
    return lanes.stream()
        .reduce(
            CompletableFuture.completedFuture(0L),
            (left, right) -> left.thenCombine(right, Long::sum));
  }

  private static List<KeyRange> joined(List<KeyRange> left, List<KeyRange> right) {
    List<KeyRange> both = new ArrayList<>(left);
    both.addAll(right);
    return both;
  }

  private record Strip(long lease, long grantRevision, Duration timeout) {}

  /** Region after region, by what each answers about its own end: nothing between two is left out, however they are cut. */
  private CompletableFuture<Long> from(Strip strip, Bytes at, Bytes end) {
    LeaseStripRequest body = LeaseStripRequest.newBuilder()
        .setAt(at.toByteString())
        .setId(strip.lease())
        .setGrantRevision(strip.grantRevision())
        .build();
    return calls
        .call(
            new LeaseCalls.Ask<>(
                at,
                null,
                false,
                body.getSerializedSize(),
                request -> request.setLeaseStrip(body),
                Response.BodyCase.LEASE,
                Response::getLease),
            strip.timeout())
        .thenCompose(answer -> {
          Bytes next = answer.getMore() ? at : Wire.range(answer.getRanges(0)).end();
          boolean over =
              !answer.getMore() && (next.isEmpty() || (!end.isEmpty() && next.compareTo(end) >= 0));
          return over
              ? CompletableFuture.completedFuture(answer.getDeleted())
              : from(strip, next, end).thenApply(more -> answer.getDeleted() + more);
        });
  }
}
