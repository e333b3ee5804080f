package io.quorate.client.sim;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionError;
import io.quorate.model.RegionId;
import io.quorate.model.Wire;
import io.quorate.proto.GetResponse;
import io.quorate.proto.Refusal;
import io.quorate.proto.RefusalCode;
import io.quorate.proto.Request;
import io.quorate.proto.RequestBatch;
import io.quorate.proto.Response;
import io.quorate.proto.ResponseBatch;
import io.quorate.proto.StoreServiceGrpc;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A fake store: checks region, epoch, range and leader as a real one, then asks the keyspace. */
public final class SimStore extends StoreServiceGrpc.StoreServiceImplBase implements AutoCloseable {
  /** What a test wants done with a request: null lets it through. */
  public interface Fault extends Function<Request, @Nullable Fate> {}

  /** What becomes of a request. */
  public enum Fate {
    /** No answer, ever; not done. */
    SWALLOW,
    /** Done, then the stream breaks before the answer. */
    BREAK_AFTER,
    /** Not done, and the stream breaks. */
    BREAK_BEFORE,
    /** Answered as indeterminate. */
    INDETERMINATE,
    /** Answered as busy. */
    BUSY
  }

  private final SimCluster cluster;
  private final long id;
  private final int port;
  private Server server;
  private final AtomicInteger batches = new AtomicInteger();
  private final Queue<Request> seen = new ConcurrentLinkedQueue<>();
  private final List<StreamObserver<ResponseBatch>> streams = new CopyOnWriteArrayList<>();
  private volatile @Nullable Fault fault;
  private volatile int pageKeys = Integer.MAX_VALUE;

  SimStore(SimCluster cluster, long id) {
    this.cluster = cluster;
    this.id = id;
    this.server = SimCluster.serve(this, 0);
    this.port = server.getPort();
  }

  public long id() {
    return id;
  }

  public int port() {
    return port;
  }

  public int batches() {
    return batches.get();
  }

  /** Requests that arrived, oldest first. */
  public List<Request> seen() {
    return List.copyOf(seen);
  }

  public void fault(@Nullable Fault next) {
    fault = next;
  }

  /** A page ends after so many keys, as if they were too large for more. */
  public void pageKeys(int keys) {
    pageKeys = keys;
  }

  public void breakStreams() {
    streams.forEach(stream ->
        stream.onError(Status.UNAVAILABLE.withDescription("broken by test").asException()));
    streams.clear();
  }

  public void stop() {
    server.shutdownNow();
  }

  public void restart() {
    server = SimCluster.serve(this, port);
  }

  @Override
  public StreamObserver<RequestBatch> exchange(StreamObserver<ResponseBatch> answers) {
    streams.add(answers);
    return new StreamObserver<>() {
      @Override
      public void onNext(RequestBatch batch) {
        batches.incrementAndGet();
        ArrayDeque<Request> requests = new ArrayDeque<>(batch.getRequestsList());
        ResponseBatch.Builder responses = ResponseBatch.newBuilder();
        for (Request request; (request = requests.poll()) != null; ) {
          seen.add(request);
          Fault current = fault;
          Fate fate = current == null ? null : current.apply(request);
          if (fate == Fate.BREAK_AFTER || fate == Fate.BREAK_BEFORE) {
            if (fate == Fate.BREAK_AFTER) {
              answer(request);
            }
            streams.remove(answers);
            answers.onError(Status.UNAVAILABLE.withDescription("broken by test").asException());
            return;
          }
          if (fate != Fate.SWALLOW) {
            responses.addResponses(fate == null ? answer(request) : error(request, errorOf(fate)));
          }
        }
        if (responses.getResponsesCount() > 0) {
          answers.onNext(responses.build());
        }
      }

      @Override
      public void onError(Throwable failure) {
        streams.remove(answers);
      }

      @Override
      public void onCompleted() {
        answers.onCompleted();
      }
    };
  }

  private static RegionError errorOf(Fate fate) {
    return fate == Fate.BUSY
        ? new RegionError.ServerBusy(1, "queue full")
        : new RegionError.Indeterminate("proposed, then the leader stepped down");
  }

  private static Response error(Request request, RegionError error) {
    return Response.newBuilder()
        .setRequestId(request.getRequestId())
        .setRegionError(Wire.error(error))
        .build();
  }

  private Response answer(Request request) {
    Optional<RegionError> refused = admission(request);
    return refused.isPresent() ? error(request, refused.get()) : apply(request);
  }

  private Optional<RegionError> admission(Request request) {
    SimCluster.Region region = cluster.region(request.getRegionId());
    RegionId regionId = new RegionId(request.getRegionId());
    if (region == null || region.descriptor().peers().stream().noneMatch(this::isMine)) {
      return Optional.of(new RegionError.RegionNotFound(regionId, "not here"));
    }
    if (region.leader().isEmpty() || !isMine(region.leader().get())) {
      return Optional.of(new RegionError.NotLeader(regionId, region.leader(), "not leader"));
    }
    if (!Wire.epoch(request.getEpoch()).equals(region.descriptor().epoch())) {
      List<io.quorate.model.RegionDescriptor> current = cluster.regions(span(request)).stream()
          .map(SimCluster.Region::descriptor)
          .toList();
      return Optional.of(new RegionError.EpochMismatch(current, "epoch"));
    }
    if (!region.descriptor().range().contains(span(request))) {
      return Optional.of(new RegionError.KeyOutOfRange(region.descriptor(), "out of range"));
    }
    return Optional.empty();
  }

  private boolean isMine(Peer peer) {
    return peer.store().value() == id;
  }

  private static KeyRange span(Request request) {
    if (SimTransactions.knows(request)) {
      return SimTransactions.span(request);
    }
    return switch (request.getBodyCase()) {
      case GET -> KeyRange.single(Bytes.of(request.getGet().getKey()));
      case PUT -> KeyRange.single(Bytes.of(request.getPut().getKey()));
      case RANGE -> Wire.range(request.getRange().getRange());
      case DELETE_RANGE -> Wire.range(request.getDeleteRange().getRange());
      default ->
        KeyRange.single(Bytes.of(request.getTxn().getSuccess(0).getPut().getKey()));
    };
  }

  private Response apply(Request request) {
    SimKeyspace keyspace = cluster.keyspace();
    Response.Builder response = Response.newBuilder().setRequestId(request.getRequestId());
    synchronized (keyspace) {
      Response before = request.hasNewestKnown() ? keyspace.named(request.getSequence()) : null;
      if (before != null) {
        return before.toBuilder().setRequestId(request.getRequestId()).build();
      }
      SimTransactions transactions = cluster.transactions();
      if (SimTransactions.knows(request)) {
        return transactions.apply(request, response).build();
      }
      boolean reads = request.hasGet() || request.hasRange();
      Optional<Refusal> locked =
          transactions.lockedFor(span(request), !reads, request.getPastTxnsList());
      if (locked.isPresent()) {
        return response
            .setRevision(keyspace.revision())
            .setRefusal(locked.get())
            .build();
      }
      switch (request.getBodyCase()) {
        case GET -> {
          GetResponse.Builder get = GetResponse.newBuilder();
          keyspace
              .get(Bytes.of(request.getGet().getKey()), keyspace.revision())
              .ifPresent(get::setKv);
          response.setGet(get);
        }
        case PUT -> {
          if (request.getPut().getLease() != 0) {
            return response
                .setRefusal(Refusal.newBuilder()
                    .setCode(RefusalCode.LEASE_NOT_FOUND)
                    .setMessage("requested lease not found"))
                .build();
          }
          long at = keyspace.nextRevisions(1);
          response.setRevision(at).setPut(keyspace.put(request.getPut(), at));
        }
        case DELETE_RANGE -> {
          long at = keyspace.nextRevisions(1);
          response.setRevision(at).setDeleteRange(keyspace.delete(request.getDeleteRange(), at));
        }
        case TXN -> {
          long at = keyspace.nextRevisions(1);
          response.setRevision(at).setTxn(keyspace.txn(request.getTxn(), at));
        }
        case RANGE -> {
          long at = request.getRange().getRevision() == 0
              ? keyspace.revision()
              : request.getRange().getRevision();
          response.setRevision(at).setRange(keyspace.range(request.getRange(), at, pageKeys));
        }
        default -> throw new IllegalArgumentException("not simulated: " + request.getBodyCase());
      }
    }
    Response answer = response.build();
    if (request.hasNewestKnown()) {
      keyspace.remember(request.getSequence(), answer);
    }
    return answer;
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
