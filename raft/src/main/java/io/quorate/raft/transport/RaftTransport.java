package io.quorate.raft.transport;

import io.grpc.BindableService;
import io.quorate.proto.SnapshotFetch;
import io.quorate.proto.SnapshotPiece;
import io.quorate.raft.mailbox.MailboxThreads;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One store's end of all streams to and from other stores; owned by the host of its groups, which also calls {@link #tick}.
 * Holds no thread of its own.
 */
public final class RaftTransport implements AutoCloseable {
  private static final long EXPIRE_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final StoreIdentity self;
  private final TransportConfig config;
  private final PeerAddresses addresses;
  private final ChannelFactory channels;
  private final Inbound inbound;
  private final Executor executor = MailboxThreads.shared().compute();
  private final ExchangeService service;
  private final Map<Long, PeerLink> links = new ConcurrentHashMap<>();
  private volatile boolean closed;
  private long expiredAtNanos = System.nanoTime();

  public RaftTransport(
      StoreIdentity self,
      TransportConfig config,
      PeerAddresses addresses,
      ChannelFactory channels,
      Inbound inbound) {
    this.self = self;
    this.config = config;
    this.addresses = addresses;
    this.channels = channels;
    this.inbound = inbound;
    // The other end is gone or newly started: a connect tells which.
    this.service = new ExchangeService(
        self, config, addresses, inbound, executor, store -> link(store).probe());
  }

  /** What the owner adds to its gRPC server. */
  public BindableService service() {
    return service;
  }

  /** The way to a store; never ends, but may be down. */
  public PeerLink link(long store) {
    PeerLink known = links.get(store);
    if (known != null) {
      return known;
    }
    if (closed) {
      throw new IllegalStateException("transport of store " + self.storeId() + " is closed");
    }
    return links.computeIfAbsent(
        store, id -> new PeerLink(id, self, config, addresses, channels, inbound, executor));
  }

  /**
   * Fetches a snapshot from the store that offers it, on a connection of its own; waits.
   *
   * @throws IllegalStateException if it does not come, or the sink throws
   */
  public void fetch(
      long store,
      long group,
      long number,
      long timeoutMillis,
      SnapshotFetching fetching,
      Consumer<SnapshotPiece> sink) {
    String address = addresses
        .address(store)
        .orElseThrow(
            () -> new IllegalStateException("the address of store " + store + " is not known"));
    SnapshotFetch wanted = SnapshotFetch.newBuilder()
        .setEnvelope(Greeting.to(store, addresses.incarnation(store), self).getEnvelope())
        .setGroupId(group)
        .setNumber(number)
        .build();
    fetching.run(channels.open(address), wanted, timeoutMillis, sink);
  }

  /** Sends heartbeats that no message took along, and ends calls whose time is over; every {@link TransportConfig#tick}. */
  public void tick() {
    long now = System.nanoTime();
    boolean expire = now - expiredAtNanos >= EXPIRE_EVERY_NANOS;
    if (expire) {
      expiredAtNanos = now;
    }
    for (PeerLink link : links.values()) {
      link.flushIdle();
      if (expire) {
        link.expire(now);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    service.close();
    links.values().forEach(PeerLink::close);
  }
}
