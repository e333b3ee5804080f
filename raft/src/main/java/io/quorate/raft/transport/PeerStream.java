package io.quorate.raft.transport;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.quorate.proto.RaftFrame;
import io.quorate.proto.RaftTransportGrpc;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one stream from this store to another: connects on demand, greets, gives up and comes back with growing pauses. Owned
 * by a {@link PeerLink}; any thread. Its listener is called on gRPC's threads, outside the lock.
 */
final class PeerStream {
  /** Told of what the stream brings and how it ends. */
  interface Listener {
    void frame(RaftFrame frame);

    /** The stream ended, or could not be opened; all that was under way is lost. */
    void lost(String why);

    /** A connect failed. */
    void unreachable();
  }

  private static final Logger log = LoggerFactory.getLogger(PeerStream.class);
  /** gRPC takes this much before it asks to wait. */
  private static final int READY_BYTES = 1 << 20;

  private final long store;
  private final StoreIdentity self;
  private final TransportConfig config;
  private final PeerAddresses addresses;
  private final ChannelFactory channels;
  private final Outbox outbox;
  private final Listener listener;

  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Connection current;
  private int failures;
  private long retryAtNanos = System.nanoTime();
  private boolean closed;
  /** Whether {@link #current} is there: a look without the lock, because every call asks. */
  private volatile boolean usable;

  PeerStream(
      long store,
      StoreIdentity self,
      TransportConfig config,
      PeerAddresses addresses,
      ChannelFactory channels,
      Outbox outbox,
      Listener listener) {
    this.store = store;
    this.self = self;
    this.config = config;
    this.addresses = addresses;
    this.channels = channels;
    this.outbox = outbox;
    this.listener = listener;
  }

  /** Connects unless connected or pausing; answers whether it makes sense to queue something now. */
  boolean ensure() {
    if (usable) {
      return true;
    }
    Connection opened;
    lock.lock();
    try {
      if (current != null) {
        return true;
      }
      if (closed || System.nanoTime() - retryAtNanos < 0) {
        return false;
      }
      Optional<String> address = addresses.address(store);
      if (address.isEmpty()) {
        pause();
        return false;
      }
      opened = new Connection(address.get());
      current = opened;
      usable = true;
    } finally {
      lock.unlock();
    }
    opened.start();
    return true;
  }

  /** Gives the connection up, as if it had broken. */
  void reset(String why) {
    Connection had;
    lock.lock();
    try {
      had = current;
    } finally {
      lock.unlock();
    }
    if (had != null) {
      had.end(why);
    }
  }

  void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
    reset("transport closed");
  }

  private void pause() {
    long pause = failures == 0
        ? 0
        : Math.min(
            config.lastReconnect().toNanos(),
            config.firstReconnect().toNanos() << Math.min(failures - 1, 10));
    failures++;
    retryAtNanos = System.nanoTime() + pause;
  }

  /** One attempt and, if it succeeds, the stream it became. */
  private final class Connection
      implements ClientResponseObserver<RaftFrame, RaftFrame>, Outbox.Stream {
    private final String address;
    private final ManagedChannel channel;
    private @Nullable ClientCallStreamObserver<RaftFrame> requests;
    private volatile boolean open;

    Connection(String address) {
      this.address = address;
      this.channel = channels.open(address);
    }

    void start() {
      // Callbacks only hand frames on, so they may run on the network thread.
      RaftTransportGrpc.newStub(channel)
          .withExecutor(Runnable::run)
          .withOnReadyThreshold(READY_BYTES)
          .withMaxInboundMessageSize(Integer.MAX_VALUE)
          .exchange(this);
      ClientCallStreamObserver<RaftFrame> stream = requests;
      if (stream != null) {
        try {
          stream.onNext(Greeting.to(store, addresses.incarnation(store), self));
        } catch (IllegalStateException cancelled) {
          // The other store went away while the stream opened.
          end("cancelled while opening");
        }
      }
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<RaftFrame> stream) {
      requests = stream;
      stream.setOnReadyHandler(outbox::flush);
    }

    @Override
    public void onNext(RaftFrame frame) {
      if (open) {
        listener.frame(frame);
        return;
      }
      Optional<String> mismatch = Greeting.mismatch(frame, self, store, addresses);
      if (mismatch.isPresent()) {
        end(mismatch.get());
        return;
      }
      open = true;
      lock.lock();
      try {
        if (current != this) {
          return;
        }
        failures = 0;
        outbox.attach(this, Loops.ofThisThread());
      } finally {
        lock.unlock();
      }
      log.info("store {}: connected to store {} at {}", self.storeId(), store, address);
    }

    @Override
    public void onError(Throwable failure) {
      Status status = Status.fromThrowable(failure);
      String said = status.getDescription();
      end(said == null ? status.getCode().name() : status.getCode() + ": " + said);
    }

    @Override
    public void onCompleted() {
      end("closed by the other store");
    }

    @Override
    public boolean isReady() {
      ClientCallStreamObserver<RaftFrame> stream = requests;
      return stream != null && stream.isReady();
    }

    @Override
    public void send(RaftFrame frame) {
      ClientCallStreamObserver<RaftFrame> stream = requests;
      if (stream != null) {
        stream.onNext(frame);
      }
    }

    void end(String why) {
      boolean stopping;
      lock.lock();
      try {
        if (current != this) {
          return;
        }
        current = null;
        usable = false;
        // Under the lock: a later connection must not lose its outbox to this one's end.
        outbox.detach();
        stopping = closed;
        pause();
      } finally {
        lock.unlock();
      }
      channel.shutdownNow();
      if (!stopping && (open || failures <= 2)) {
        log.info("store {}: no stream to store {} at {}: {}", self.storeId(), store, address, why);
      }
      listener.lost("store " + store + ": " + why);
      if (stopping) {
        return;
      }
      if (open) {
        // Tells a lost connection from a lost store.
        ensure();
      } else {
        listener.unreachable();
      }
    }
  }
}
