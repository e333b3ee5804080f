package io.quorate.region.host;

import com.google.protobuf.ByteString;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Wire;
import io.quorate.proto.Compare;
import io.quorate.proto.CompareResult;
import io.quorate.proto.CompareTarget;
import io.quorate.proto.DeleteRangeRequest;
import io.quorate.proto.GetRequest;
import io.quorate.proto.Operation;
import io.quorate.proto.PutRequest;
import io.quorate.proto.RangeRequest;
import io.quorate.proto.Request;
import io.quorate.proto.TxnRequest;
import io.quorate.raft.sim.SimScheduler;
import java.util.ArrayList;
import java.util.List;

/**
 * Clients that send random requests to replicas they believe in, and remember everything. A write that may have been done is sent
 * again under its name, while what was sent before may still be on its way.
 */
final class SimClients {
  private static final int KEYS = 6;
  private static final long CLIENT_ID = 77;
  private static final int REPEATS_MAX = 4;

  final List<Attempt> attempts = new ArrayList<>();
  private final SimRegion region;
  private final SimScheduler scheduler;
  private final long maxDelayNanos;
  private long sequence;
  private long requests;
  private boolean stopped;
  private long newestSeen = 1;

  SimClients(SimRegion region, long maxDelayNanos) {
    this.region = region;
    this.scheduler = region.scheduler;
    this.maxDelayNanos = maxDelayNanos;
  }

  /** Starts clients, each with so many requests one after the other. */
  void start(int clients, int requests) {
    for (int i = 0; i < clients; i++) {
      scheduler.after(scheduler.pick(0, 5_000_000), () -> next(requests));
    }
  }

  void stop() {
    stopped = true;
  }

  private void next(int left) {
    if (left > 0 && !stopped) {
      send(
          draw(),
          target(),
          () -> scheduler.after(scheduler.pick(0, maxDelayNanos), () -> next(left - 1)));
    }
  }

  private int target() {
    int leader = region.leaderStore();
    return leader != 0 && scheduler.chance(0.75)
        ? leader
        : (int) scheduler.pick(1, region.stores());
  }

  /** Sends; goes on when answered, or when the client has waited long enough. */
  Attempt send(Request.Builder body, int store, Runnable then) {
    body.setSequence(++sequence)
        .setRegionId(region.descriptor.id().value())
        .setEpoch(Wire.epoch(region.descriptor.epoch()));
    if (body.hasPut() || body.hasDeleteRange() || body.hasTxn()) {
      body.setNewestKnown(newestSeen);
    }
    return attempt(body, store, scheduler.nanos(), 0, then);
  }

  private void again(Request.Builder body, Attempt last, int repeats, Runnable then) {
    boolean known = last.isDone() || (last.response != null && last.answer().hasRefusal());
    boolean doubtful = body.getRepeated() || !last.isCertainlyNot();
    if (stopped || !last.isWrite() || known || !doubtful || repeats == REPEATS_MAX) {
      then.run();
    } else {
      attempt(body.setRepeated(true), target(), last.start, repeats + 1, then);
    }
  }

  private Attempt attempt(Request.Builder body, int store, long start, int repeats, Runnable then) {
    int patience = (int) scheduler.pick(20, 1500);
    Request request = body.setRequestId(++requests).setTimeoutMs(patience).build();
    Attempt attempt = new Attempt(request, start);
    attempts.add(attempt);
    boolean[] gone = {false};
    Runnable once = () -> {
      if (!gone[0]) {
        gone[0] = true;
        again(body, attempt, repeats, then);
      }
    };
    scheduler.after(
        delay(),
        () -> region
            .host(store)
            .ifPresent(host -> host.handle(
                new RegionRequest(request, "", 0, CLIENT_ID),
                response -> scheduler.after(delay(), () -> {
                  if (gone[0]) {
                    // Nobody waits for it any more.
                    return;
                  }
                  if (attempt.response != null) {
                    throw new AssertionError("answered twice: " + attempt + " and " + response);
                  }
                  attempt.response = response;
                  attempt.end = scheduler.nanos();
                  newestSeen = Math.max(newestSeen, response.getRevision());
                  once.run();
                }))));
    // A client may lose patience with a replica that would answer yet.
    boolean patient = !attempt.isWrite() || scheduler.chance(0.8);
    long waits = patient ? 3_000_000_000L : scheduler.pick(1, patience) * 1_000_000L;
    scheduler.after(waits, once);
    return attempt;
  }

  private long delay() {
    return scheduler.pick(1000, maxDelayNanos);
  }

  private Bytes key() {
    return key((int) scheduler.pick(0, KEYS - 1));
  }

  private Bytes key(int number) {
    return region.prefix.concat(Bytes.utf8("k" + number));
  }

  private KeyRange range() {
    int from = (int) scheduler.pick(0, KEYS - 1);
    int to = (int) scheduler.pick(from, KEYS);
    return KeyRange.of(key(from), key(to).next());
  }

  Request.Builder put() {
    return Request.newBuilder()
        .setPut(PutRequest.newBuilder()
            .setKey(key().toByteString())
            .setValue(value())
            .setPrevious(scheduler.chance(0.3)));
  }

  private ByteString value() {
    return ByteString.copyFromUtf8("v" + (sequence + 1));
  }

  private Request.Builder draw() {
    int lot = (int) scheduler.pick(0, 99);
    if (lot < 35) {
      return put();
    }
    if (lot < 50) {
      return Request.newBuilder().setGet(GetRequest.newBuilder().setKey(key().toByteString()));
    }
    if (lot < 72) {
      return Request.newBuilder().setRange(range(lot));
    }
    if (lot < 82) {
      KeyRange doomed = scheduler.chance(0.7) ? KeyRange.single(key()) : range();
      return Request.newBuilder()
          .setDeleteRange(DeleteRangeRequest.newBuilder().setRange(Wire.range(doomed)));
    }
    return Request.newBuilder().setTxn(txn());
  }

  private RangeRequest.Builder range(int lot) {
    RangeRequest.Builder body = RangeRequest.newBuilder()
        .setRange(Wire.range(scheduler.chance(0.4) ? KeyRange.single(key()) : range()));
    if (lot < 55) {
      body.setSerializable(true);
    } else if (lot < 60) {
      body.setRevision(scheduler.pick(1, newestSeen + 3));
    }
    return body;
  }

  private TxnRequest txn() {
    Bytes key = key();
    Compare.Builder compare = Compare.newBuilder()
        .setRange(Wire.range(KeyRange.single(key)))
        .setTarget(CompareTarget.COMPARE_MOD)
        .setResult(scheduler.chance(0.5) ? CompareResult.EQUAL : CompareResult.GREATER)
        .setNumber(scheduler.chance(0.3) ? 0 : scheduler.pick(0, newestSeen));
    TxnRequest.Builder txn = TxnRequest.newBuilder()
        .addCompares(compare)
        .addSuccess(Operation.newBuilder()
            .setPut(PutRequest.newBuilder().setKey(key.toByteString()).setValue(value())))
        .addFailure(Operation.newBuilder()
            .setRange(RangeRequest.newBuilder().setRange(Wire.range(range()))));
    if (scheduler.chance(0.3)) {
      Bytes other = key();
      if (!other.equals(key)) {
        txn.addSuccess(Operation.newBuilder()
            .setDeleteRange(
                DeleteRangeRequest.newBuilder().setRange(Wire.range(KeyRange.single(other)))));
      }
    }
    return txn.build();
  }
}
