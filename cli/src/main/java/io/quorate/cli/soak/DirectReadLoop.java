package io.quorate.cli.soak;

import io.quorate.client.placement.PlacementClient;
import io.quorate.client.placement.PlacementClientConfig;
import io.quorate.client.placement.RegionListing;
import io.quorate.client.retry.Failure;
import io.quorate.client.store.Deliveries;
import io.quorate.client.store.StoreCall;
import io.quorate.client.store.StoreConnection;
import io.quorate.client.store.StoreLimits;
import io.quorate.client.transport.ChannelFactory;
import io.quorate.client.transport.Endpoint;
import io.quorate.client.transport.TransportConfig;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.StoreDescriptor;
import io.quorate.model.Wire;
import io.quorate.proto.GetRequest;
import io.quorate.proto.KeyValue;
import io.quorate.proto.RegionError;
import io.quorate.proto.Request;
import io.quorate.proto.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * Asks every store for every key all the time, be it the leader or not, be it paused or not, and waits for no answer
 * before it asks again: a leader that was paused and deposed finds reads in its sockets when it wakes, and none of its
 * answers may be stale. Owned by one round; one thread asks, the loops of its own channels take the answers.
 */
public final class DirectReadLoop implements AutoCloseable {
  private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(3);
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long HELD_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int REQUEST_BYTES = 64;

  private final LoadKeys keys;
  private final long everyNanos;
  private final ChannelFactory channels =
      new ChannelFactory(TransportConfig.defaults(), "direct-reads-io");
  private final List<Target> targets = new ArrayList<>();
  private final MapLoop map;
  private final boolean changing;
  private final Queue<Op> answered = new ConcurrentLinkedQueue<>();
  private final AtomicLong notHere = new AtomicLong();
  private final AtomicLong held = new AtomicLong();
  private final Thread thread;
  private volatile boolean stopped;

  /**
   * Learns the stores, which must not change meanwhile, and starts to ask.
   *
   * @param map tells the shapes of regions to ask by, those of the past included
   * @param pause between two asks of each store, at least 3 ms
   * @param changing whether regions change meanwhile, so that a store may rightly say that it has none for a key
   */
  DirectReadLoop(
      String pdAddresses, LoadKeys keys, MapLoop map, Duration pause, boolean changing, long seed) {
    this.everyNanos = Math.max(EVERY_NANOS, pause.toNanos());
    this.keys = keys;
    this.map = map;
    this.changing = changing;
    PlacementClientConfig config =
        PlacementClientConfig.defaults(Endpoint.parseList(pdAddresses), 0);
    try (PlacementClient placement = PlacementClient.connect(config, channels)) {
      RegionListing listing = placement.lookup(KeyRange.ALL, 0).join();
      for (StoreDescriptor store : listing.stores()) {
        StoreConnection connection = new StoreConnection(
            store,
            channels.open(Endpoint.parse(store.clientAddress())),
            Wire.clientEnvelope(placement.clusterId(), seed, store.id()),
            StoreLimits.defaults(),
            Runnable::run);
        targets.add(new Target(connection, new AtomicLongArray(keys.regions())));
      }
    }
    SplittableRandom random = new SplittableRandom(seed);
    thread = new Thread(() -> ask(random), "direct-reads");
    thread.setDaemon(true);
    thread.start();
  }

  private void ask(SplittableRandom random) {
    while (!stopped) {
      int key = random.nextInt(keys.count());
      Bytes bytes = keys.bytes(key);
      map.owner(bytes, random)
          .ifPresent(region -> targets.forEach(
              target -> target.store.submit(new DirectRead(target, region, key, bytes))));
      LockSupport.parkNanos(everyNanos);
    }
  }

  /**
   * A store that is asked.
   *
   * @param inTouch for each region when the newest ask began whose answer showed that the replica knows a leader
   */
  private record Target(StoreConnection store, AtomicLongArray inTouch) {}

  /** Whether the store has shown, since that time, that each of its replicas knows a leader. */
  public boolean inTouchSince(String clientAddress, long nanos) {
    return targets.stream()
        .filter(target -> target.store.store().clientAddress().equals(clientAddress))
        .allMatch(target -> IntStream.range(0, keys.regions())
            .allMatch(region -> target.inTouch.get(region) >= nanos));
  }

  /** One get to one store, once. */
  private final class DirectRead extends StoreCall {
    private final Target target;
    private final RegionDescriptor region;
    private final int key;
    private final Bytes bytes;
    private final long began = System.nanoTime();

    DirectRead(Target target, RegionDescriptor region, int key, Bytes bytes) {
      this.target = target;
      this.region = region;
      this.key = key;
      this.bytes = bytes;
      setAttemptDeadlineNanos(began + PATIENCE_NANOS);
    }

    @Override
    protected Request.Builder request(long nowNanos) {
      return Request.newBuilder()
          .setRegionId(region.id().value())
          .setEpoch(Wire.epoch(region.epoch()))
          .setTimeoutMs((int) TimeUnit.NANOSECONDS.toMillis(PATIENCE_NANOS))
          .setGet(GetRequest.newBuilder().setKey(bytes.toByteString()));
    }

    @Override
    protected int sizeBytes() {
      return REQUEST_BYTES;
    }

    @Override
    protected void answered(Response response, Deliveries deliveries) {
      long ended = System.nanoTime();
      if (ended - began > HELD_NANOS) {
        held.incrementAndGet();
      }
      if (isInTouch(response)) {
        target.inTouch.accumulateAndGet(keys.region(key), began, Math::max);
      }
      if (!response.hasGet()) {
        notHere.incrementAndGet();
      } else if (!response.getGet().hasKv()) {
        answered.add(Op.read(key, 0, 0, 0, began, ended));
      } else {
        KeyValue kv = response.getGet().getKv();
        long value = Long.parseLong(kv.getValue().toStringUtf8());
        answered.add(Op.read(key, value, kv.getModRevision(), kv.getVersion(), began, ended));
      }
    }

    private boolean isInTouch(Response response) {
      RegionError error = response.getRegionError();
      return response.hasGet()
          || error.getNotLeader().hasLeader()
          || (changing && (error.hasRegionNotFound() || error.hasEpochMismatch()));
    }

    @Override
    protected void failed(Failure failure, Deliveries deliveries) {
      notHere.incrementAndGet();
    }
  }

  /** Asks that were answered by another than the leader, or not at all. */
  public long notHere() {
    return notHere.get();
  }

  /** Asks that the store itself answered, in whatever way, but only after a second or more: it was paused or isolated. */
  public long held() {
    return held.get();
  }

  /** Ends the asking, drops what is under way, and gives what was answered. */
  public List<Op> stop() {
    close();
    return List.copyOf(answered);
  }

  @Override
  public void close() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    targets.forEach(target -> target.store.close());
    channels.close();
  }
}
