package io.quorate.gateway;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.client.QuorateClient;
import io.quorate.client.RangeOptions;
import io.quorate.client.RangeResult;
import io.quorate.client.RevisionFilter;
import io.quorate.client.SortOrder;
import io.quorate.client.SortTarget;
import io.quorate.client.Txn;
import io.quorate.client.TxnBuilder;
import io.quorate.client.TxnOp;
import io.quorate.client.TxnResult;
import io.quorate.client.placement.OracleState;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.etcd.CompactionRequest;
import io.quorate.proto.etcd.CompactionResponse;
import io.quorate.proto.etcd.DeleteRangeRequest;
import io.quorate.proto.etcd.DeleteRangeResponse;
import io.quorate.proto.etcd.KVGrpc;
import io.quorate.proto.etcd.PutRequest;
import io.quorate.proto.etcd.PutResponse;
import io.quorate.proto.etcd.RangeRequest;
import io.quorate.proto.etcd.RangeResponse;
import io.quorate.proto.etcd.RangeStreamResponse;
import io.quorate.proto.etcd.TxnRequest;
import io.quorate.proto.etcd.TxnResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * etcd's KV service over all regions. A {@code serializable} range is answered by any replica of each region, unless that knows less
 * than this endpoint has told; every other read is linearizable. Owned by a gateway. Thread: calls come in on I/O threads, which
 * never wait here.
 */
final class KvService extends KVGrpc.KVImplBase {
  /** How long a physical compaction without a deadline is waited for. */
  private static final Duration PHYSICAL_MAX = Duration.ofMinutes(1);

  private final QuorateClient client;
  private final ResponseHeaders headers;
  /** The newest state that was acknowledged here, or read without {@code serializable}: nothing older is shown any more. */
  private final AtomicLong told = new AtomicLong();

  KvService(QuorateClient client, ResponseHeaders headers) {
    this.client = client;
    this.headers = headers;
  }

  @Override
  public void range(RangeRequest request, StreamObserver<RangeResponse> answer) {
    Optional<Duration> time = CallTime.left();
    Answers.send(answer, () -> {
      KeyRange keys = KvRequests.range(request.getKey(), request.getRangeEnd());
      RangeOptions options = timed(KvRequests.options(request), time);
      if (options.revision() == 0) {
        return read(keys, options)
            .thenApply(result -> KvResponses.range(headers.at(result.revision()), result));
      }
      // The header tells of now, whatever revision is read.
      return now().thenCombine(client.range(keys, options), (state, result) -> {
        if (keys.isEmpty()) {
          requireReadable(options.revision(), state);
        }
        return KvResponses.range(headers.at(state.revision()), result);
      });
    });
  }

  /** As of now; or, where a state of the past will do, as of what some replica of each region knows. */
  private CompletableFuture<RangeResult> read(KeyRange keys, RangeOptions options) {
    if (!options.stale()) {
      return client.range(keys, options).thenApply(result -> {
        told(result.revision());
        return result;
      });
    }
    long least = told.get();
    return client
        .range(keys, options)
        .thenCompose(result -> result.revision() >= least
            ? CompletableFuture.completedFuture(result)
            : read(keys, options.withoutStale()));
  }

  private void told(long revision) {
    told.accumulateAndGet(revision, Math::max);
  }

  @Override
  public void rangeStream(RangeRequest request, StreamObserver<RangeStreamResponse> answer) {
    var call = (ServerCallStreamObserver<RangeStreamResponse>) answer;
    try {
      KeyRange keys = KvRequests.range(request.getKey(), request.getRangeEnd());
      RangeOptions options = timed(KvRequests.options(request), CallTime.left()).withoutStale();
      if (options.target() != SortTarget.KEY
          || options.order() != SortOrder.ASCENDING
          || !options.filter().equals(RevisionFilter.NONE)
          || options.countOnly()) {
        throw Status.UNIMPLEMENTED
            .withDescription("quorate: a streamed range comes whole and in key order; use Range")
            .asRuntimeException();
      }
      new RangeStream(client, headers, keys, options, call).begin();
    } catch (RuntimeException refused) {
      answer.onError(EtcdErrors.of(refused));
    }
  }

  @Override
  public void put(PutRequest request, StreamObserver<PutResponse> answer) {
    Optional<Duration> time = CallTime.left();
    Answers.send(answer, () -> {
      var options = KvRequests.options(request);
      return client
          .put(
              KvRequests.key(request),
              Bytes.of(request.getValue()),
              time.map(options::withTimeout).orElse(options))
          .thenApply(result -> {
            told(result.revision());
            return KvResponses.put(headers.at(result.revision()), result);
          });
    });
  }

  @Override
  public void deleteRange(DeleteRangeRequest request, StreamObserver<DeleteRangeResponse> answer) {
    Optional<Duration> time = CallTime.left();
    Answers.send(answer, () -> {
      KeyRange keys = KvRequests.range(request.getKey(), request.getRangeEnd());
      var options = KvRequests.options(request);
      return client
          .deleteRange(keys, time.map(options::withTimeout).orElse(options))
          .thenApply(result -> {
            told(result.revision());
            return KvResponses.delete(headers.at(result.revision()), result);
          });
    });
  }

  @Override
  public void txn(TxnRequest request, StreamObserver<TxnResponse> answer) {
    Optional<Duration> time = CallTime.left();
    Answers.send(answer, () -> {
      Txn txn = KvRequests.txn(request);
      TxnBuilder<CompletableFuture<TxnResult>> builder = client
          .txn()
          .when(txn.compares().toArray(io.quorate.client.Compare[]::new))
          .then(txn.success().toArray(TxnOp[]::new))
          .otherwise(txn.failure().toArray(TxnOp[]::new));
      time.ifPresent(builder::timeout);
      return builder.commit().thenApply(result -> {
        told(result.revision());
        return KvResponses.txn(headers.at(result.revision()), result);
      });
    });
  }

  @Override
  public void compact(CompactionRequest request, StreamObserver<CompactionResponse> answer) {
    Duration patience = CallTime.left().orElse(PHYSICAL_MAX);
    Answers.send(answer, () -> {
      CompletableFuture<Void> done = request.getPhysical()
          ? client.compactAndRemove(request.getRevision(), patience)
          : client.compact(request.getRevision());
      return done.thenCompose(compacted -> now())
          .thenApply(state -> CompactionResponse.newBuilder()
              .setHeader(headers.at(state.revision()))
              .build());
    });
  }

  /** No region is asked for a range of no keys; etcd looks at the revision first. */
  private static void requireReadable(long revision, OracleState state) {
    if (revision > state.revision()) {
      throw EtcdErrors.FUTURE_REVISION.asRuntimeException();
    } else if (revision < state.compacted()) {
      throw EtcdErrors.COMPACTED.asRuntimeException();
    }
  }

  private CompletableFuture<OracleState> now() {
    return client.placement().oracle().current();
  }

  private static RangeOptions timed(RangeOptions options, Optional<Duration> time) {
    return time.map(options::withTimeout).orElse(options);
  }
}
