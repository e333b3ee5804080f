package io.quorate.client.placement;

import io.grpc.MethodDescriptor;
import io.quorate.client.transport.ChannelFactory;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.model.StoreDescriptor;
import io.quorate.model.Wire;
import io.quorate.proto.AllocateIdsRequest;
import io.quorate.proto.AllocateIdsResponse;
import io.quorate.proto.AskSplitRequest;
import io.quorate.proto.AskSplitResponse;
import io.quorate.proto.Envelope;
import io.quorate.proto.JoinStoreRequest;
import io.quorate.proto.JoinStoreResponse;
import io.quorate.proto.ListStoresRequest;
import io.quorate.proto.ListStoresResponse;
import io.quorate.proto.LookupRegionsRequest;
import io.quorate.proto.LookupRegionsResponse;
import io.quorate.proto.MembersResponse;
import io.quorate.proto.NewRegionIds;
import io.quorate.proto.PlacementError;
import io.quorate.proto.PlacementServiceGrpc;
import io.quorate.proto.RegionsChanged;
import io.quorate.proto.StoreStatus;
import io.quorate.proto.WatchRegionsRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The placement driver to its callers: follows the leader of the PD group, asks again with pauses
 * until the request timeout. Owned by a client or a store; safe on any thread. Futures and listeners
 * run on one I/O loop, where nobody may block; futures fail with {@link PlacementException}.
 */
public final class PlacementClient implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PlacementClient.class);
  private static final long CLOSE_SECONDS_MAX = 5;

  private final PlacementClientConfig config;
  private final ScheduledExecutorService loop;
  private final LeaderFinder finder;
  private final OracleClient oracle;
  private final AtomicBoolean closed = new AtomicBoolean();

  // Confined to the loop.
  private final Set<LeaderCall<?, ?>> open = new HashSet<>();
  private final List<AutoCloseable> streams = new ArrayList<>();

  private PlacementClient(PlacementClientConfig config, ChannelFactory channels) {
    this.config = config;
    this.loop = channels.loop();
    this.finder = new LeaderFinder(config, channels, loop);
    this.oracle = new OracleClient(finder, config, loop);
  }

  /** Makes a client; nothing is sent before the first question. The factory stays the caller's. */
  public static PlacementClient connect(PlacementClientConfig config, ChannelFactory channels) {
    return new PlacementClient(config, channels);
  }

  /** The revision oracle, over a stream of its own that opens with the first ask. */
  public OracleClient oracle() {
    return oracle;
  }

  /** What operators ask: moves, drains, explanations. */
  public AdminClient admin() {
    return new AdminClient(new Asking());
  }

  /** What is kept of the past: compaction, barriers. */
  public HistoryClient history() {
    return new HistoryClient(new Asking());
  }

  /** Users and roles. */
  public AuthClient auth() {
    return new AuthClient(new Asking());
  }

  /** Asks with the envelope of now. */
  private final class Asking implements AdminClient.Asker {
    @Override
    public <Q, A> CompletableFuture<A> ask(
        MethodDescriptor<Q, A> method,
        Function<Envelope, Q> request,
        Function<A, PlacementError> errorOf) {
      return PlacementClient.this.ask(
          method, () -> request.apply(finder.identity().envelope()), errorOf);
    }
  }

  /** The cluster that answered first, or that was configured; 0 while unknown. */
  public long clusterId() {
    return finder.identity().clusterId();
  }

  /** From now on every message is headed by this store's identity. */
  public void identify(long clusterId, long storeId, long incarnation) {
    finder.identify(clusterId, storeId, incarnation);
  }

  /**
   * Members and leader as the best informed member tells. One round only, no repeats: fails after
   * the attempt timeout if no member answers.
   */
  public CompletableFuture<MembersResponse> members() {
    CompletableFuture<MembersResponse> result = new CompletableFuture<>();
    onLoop(
        () -> {
          var unused = finder.members().whenComplete((answer, failure) -> {
            if (failure == null) {
              result.complete(answer);
            } else {
              Throwable cause = failure.getCause();
              result.completeExceptionally(cause == null ? failure : cause);
            }
          });
        },
        result);
    return result;
  }

  /** Announces a store: without an id it is given one, with one its addresses are noted. */
  public CompletableFuture<JoinStoreResponse> joinStore(StoreDescriptor store) {
    return ask(
        PlacementServiceGrpc.getJoinStoreMethod(),
        () -> JoinStoreRequest.newBuilder()
            .setEnvelope(finder.identity().envelope())
            .setStore(Wire.store(store))
            .build(),
        JoinStoreResponse::getError);
  }

  /**
   * The regions that overlap the range, in key order.
   *
   * @param limit at most so many; 0: as many as PD gives at once
   */
  public CompletableFuture<RegionListing> lookup(KeyRange range, int limit) {
    return lookup(LookupRegionsRequest.newBuilder().setRange(Wire.range(range)).setLimit(limit));
  }

  /** The region that owns the key. */
  public CompletableFuture<RegionListing> lookup(Bytes key) {
    return lookup(LookupRegionsRequest.newBuilder().setKey(key.toByteString()).setLimit(1));
  }

  /** The region of that id; an empty listing if there is none. */
  public CompletableFuture<RegionListing> lookup(RegionId region) {
    return lookup(LookupRegionsRequest.newBuilder().setRegionId(region.value()).setLimit(1));
  }

  /** All stores that ever joined, with what they last told. */
  public CompletableFuture<List<StoreStatus>> listStores() {
    return ask(
            PlacementServiceGrpc.getListStoresMethod(),
            () -> ListStoresRequest.newBuilder()
                .setEnvelope(finder.identity().envelope())
                .build(),
            ListStoresResponse::getError)
        .thenApply(ListStoresResponse::getStoresList);
  }

  /**
   * Takes ids nobody else gets.
   *
   * @return the last of them: they are {@code (last - count, last]}
   */
  public CompletableFuture<Long> allocateIds(int count) {
    return ask(
            PlacementServiceGrpc.getAllocateIdsMethod(),
            () -> AllocateIdsRequest.newBuilder()
                .setEnvelope(finder.identity().envelope())
                .setCount(count)
                .build(),
            AllocateIdsResponse::getError)
        .thenApply(AllocateIdsResponse::getLast);
  }

  /**
   * Ids for the regions that a split is about to make, one for each and one for each of its replicas.
   *
   * @param region as its leader knows it
   * @param count of new regions
   */
  public CompletableFuture<List<NewRegionIds>> askSplit(RegionDescriptor region, int count) {
    return ask(
            PlacementServiceGrpc.getAskSplitMethod(),
            () -> AskSplitRequest.newBuilder()
                .setEnvelope(finder.identity().envelope())
                .setRegion(Wire.region(region))
                .setCount(count)
                .build(),
            AskSplitResponse::getError)
        .thenApply(AskSplitResponse::getChildrenList);
  }

  /** Opens a store's heartbeats; they follow the leader until the stream or this is closed. */
  public HeartbeatStream heartbeatStream(HeartbeatListener listener) {
    HeartbeatStream stream = new HeartbeatStream(finder, config, loop, listener);
    loop.execute(() -> streams.add(stream));
    stream.start();
    return stream;
  }

  /** Hears of all regions and then of changes, until the answer or this is closed. */
  public AutoCloseable watchRegions(RegionsListener listener) {
    RegionWatch watch = new RegionWatch(listener);
    loop.execute(() -> {
      streams.add(watch);
      watch.stream.start();
    });
    return watch;
  }

  /** Fails what waits and ends all streams and channels. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    CompletableFuture<Void> done = new CompletableFuture<>();
    loop.execute(() -> {
      try {
        closeOnLoop();
      } finally {
        done.complete(null);
      }
    });
    try {
      done.get(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException stuckLoop) {
      LOG.warn("pd client did not close within {} s", CLOSE_SECONDS_MAX);
    }
  }

  private void closeOnLoop() {
    List.copyOf(open).forEach(call -> call.fail(LeaderFinder.closedNow()));
    oracle.close();
    for (AutoCloseable stream : streams) {
      if (stream instanceof HeartbeatStream heartbeats) {
        heartbeats.close();
      } else if (stream instanceof RegionWatch watch) {
        watch.close();
      }
    }
    finder.close();
  }

  private CompletableFuture<RegionListing> lookup(LookupRegionsRequest.Builder request) {
    return ask(
            PlacementServiceGrpc.getLookupRegionsMethod(),
            () -> request.setEnvelope(finder.identity().envelope()).build(),
            LookupRegionsResponse::getError)
        .thenApply(answer -> new RegionListing(
            answer.getRegionsList().stream().map(Located::of).toList(),
            answer.getStoresList().stream().map(Wire::store).toList(),
            answer.getMore()));
  }

  private <Q, A> CompletableFuture<A> ask(
      MethodDescriptor<Q, A> method, Supplier<Q> request, Function<A, PlacementError> errorOf) {
    LeaderCall<Q, A> call = new LeaderCall<>(finder, config, loop, open, method, request, errorOf);
    onLoop(call::start, call.result());
    return call.result();
  }

  private void onLoop(Runnable work, CompletableFuture<?> result) {
    if (closed.get()) {
      result.completeExceptionally(LeaderFinder.closedNow());
    } else {
      loop.execute(work);
    }
  }

  /** The push stream of regions, as one listener hears it. */
  private final class RegionWatch implements AutoCloseable, LeaderStream.Handler<RegionsChanged> {
    private final RegionsListener listener;
    private final LeaderStream<WatchRegionsRequest, RegionsChanged> stream;

    RegionWatch(RegionsListener listener) {
      this.listener = listener;
      this.stream = new LeaderStream<>(
          finder,
          config,
          loop,
          PlacementServiceGrpc.getWatchRegionsMethod(),
          RegionsChanged::getError,
          this);
    }

    @Override
    public void opened() {
      stream.send(WatchRegionsRequest.newBuilder()
          .setEnvelope(finder.identity().envelope())
          .build());
      stream.halfClose();
    }

    @Override
    public void received(RegionsChanged message) {
      listener.changed(new RegionListing(
          message.getRegionsList().stream().map(Located::of).toList(),
          message.getStoresList().stream().map(Wire::store).toList(),
          /* more= */ false));
    }

    @Override
    public void ready() {
      // Nothing more is sent.
    }

    @Override
    public void broken(String why) {
      // The next stream starts with a full listing.
    }

    @Override
    public void close() {
      loop.execute(stream::close);
    }
  }
}
