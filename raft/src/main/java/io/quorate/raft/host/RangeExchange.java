package io.quorate.raft.host;

import com.alipay.sofa.jraft.entity.RaftOutter.SnapshotMeta;
import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.MeterRegistry;
import io.quorate.proto.SnapshotFetch;
import io.quorate.proto.SnapshotFile;
import io.quorate.proto.SnapshotFiles;
import io.quorate.proto.SnapshotHead;
import io.quorate.proto.SnapshotPiece;
import io.quorate.raft.GroupId;
import io.quorate.raft.storage.PeerIds;
import io.quorate.raft.storage.SnapshotRecord;
import io.quorate.raft.transport.RaftTransport;
import io.quorate.raft.transport.SnapshotFetching;
import io.quorate.raft.transport.SnapshotOutput;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves range snapshots between the stores of a cluster: offers those that replicas need, sends their files within the limits,
 * and fetches. One per host; any thread.
 *
 * <p>A group's snapshot on offer is kept while it is fetched and for a while after, and its log is not cut above it: a retry
 * with a fresher index would cancel the copy that runs, for ever.
 */
final class RangeExchange {
  private static final Logger log = LoggerFactory.getLogger(RangeExchange.class);
  private static final String SCHEME = "quorate-range://";
  /** On offer at a time, as a multiple of those that can be sent at a time. */
  private static final int OFFERS_PER_SENDING = 2;

  private final long store;
  private final SnapshotConfig config;
  private final Path directory;
  private final Executor senders;
  private final Supplier<RaftTransport> transport;
  private final ByteRate rate;
  private final Semaphore sending;
  private final Semaphore receiving;
  private final AtomicLong numbers = new AtomicLong();
  private final AtomicLong sentBytes = new AtomicLong();
  private final AtomicLong receivedBytes = new AtomicLong();
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<GroupId, OutgoingSnapshot> offers = new HashMap<>();

  RangeExchange(
      long store,
      SnapshotConfig config,
      Path directory,
      Executor senders,
      Supplier<RaftTransport> transport) {
    this.store = store;
    this.config = config;
    this.directory = directory;
    this.senders = senders;
    this.transport = transport;
    this.rate = new ByteRate(config.bytesPerSecond());
    this.sending = new Semaphore(config.maxSending());
    this.receiving = new Semaphore(config.maxReceiving());
  }

  /** Deletes what an earlier process left. */
  void begin() {
    SnapshotReceiver.delete(directory);
  }

  void bind(MeterRegistry metrics) {
    metrics.gauge(
        "quorate.raft.snapshots.sending",
        sending,
        free -> config.maxSending() - free.availablePermits());
    metrics.gauge(
        "quorate.raft.snapshots.receiving",
        receiving,
        free -> config.maxReceiving() - free.availablePermits());
    metrics.more().counter("quorate.raft.snapshots.sent.bytes", List.of(), sentBytes);
    metrics.more().counter("quorate.raft.snapshots.received.bytes", List.of(), receivedBytes);
  }

  /**
   * Puts a snapshot of the group on offer, or finds the one that is. Never fails: jraft would give its node up. If it cannot be
   * made now, what is offered is refused when it is fetched, and asked for again.
   *
   * @param newest the group's last note, taken before
   * @param asOf makes the note for the moment that was pinned
   * @param firstIndex of the group's log: an older snapshot helps nobody
   */
  RangeReader offer(
      GroupId group,
      RangeSnapshots ranges,
      PeerIds peers,
      SnapshotRecord newest,
      Function<RangeSnapshots.Pinned, SnapshotRecord> asOf,
      long firstIndex) {
    OutgoingSnapshot useless = null;
    lock.lock();
    try {
      OutgoingSnapshot kept = offers.get(group);
      // Its receiver goes on after it, for which jraft needs the term at its index.
      boolean reaches =
          kept != null && (kept.index() >= firstIndex || kept.index() == newest.index());
      boolean suffices = kept == null || kept.suffices(ranges);
      if (kept != null && kept.users == 0 && (!reaches || !suffices || kept.spoiled())) {
        offers.remove(group);
        useless = kept;
        kept = null;
      } else if (!suffices) {
        // Whoever fetches it has no use for it, and neither has who asks: there is a new one once
        // it is let go.
        return nothing(newest, peers);
      }
      if (kept == null && offers.size() < OFFERS_PER_SENDING * config.maxSending()) {
        kept = pin(group, ranges, peers, asOf);
      }
      if (kept != null) {
        return RangeReader.offered(kept.meta(), uri(kept.number()));
      }
    } catch (RuntimeException e) {
      log.error("group={} no snapshot can be made: {}", group, e.getMessage(), e);
    } finally {
      lock.unlock();
      if (useless != null) {
        useless.close();
      }
    }
    return nothing(newest, peers);
  }

  /** Nothing is on offer now: what is said to be is refused when it is fetched, and asked for again. */
  RangeReader nothing(SnapshotRecord newest, PeerIds peers) {
    return RangeReader.offered(SnapshotMetas.toMeta(newest, peers), uri(0));
  }

  private OutgoingSnapshot pin(
      GroupId group,
      RangeSnapshots ranges,
      PeerIds peers,
      Function<RangeSnapshots.Pinned, SnapshotRecord> asOf) {
    RangeSnapshots.Pinned pinned = ranges.pin();
    boolean offered = false;
    try {
      long number = numbers.incrementAndGet();
      SnapshotMeta meta = SnapshotMetas.toMeta(asOf.apply(pinned), peers);
      OutgoingSnapshot snapshot = new OutgoingSnapshot(
          group, number, meta, pinned, directory.resolve("out").resolve(group + "-" + number));
      snapshot.lastUsedNanos = System.nanoTime();
      offers.put(group, snapshot);
      offered = true;
      return snapshot;
    } finally {
      if (!offered) {
        pinned.close();
      }
    }
  }

  private String uri(long number) {
    return SCHEME + store + "/" + number;
  }

  /**
   * The log of the group is needed from the entry after this one on; of a snapshot that somebody has begun to fetch, for a store
   * that is down must not hold the log.
   */
  Optional<Long> held(GroupId group) {
    lock.lock();
    try {
      return Optional.ofNullable(offers.get(group))
          .filter(offer -> offer.fetched)
          .map(OutgoingSnapshot::index);
    } finally {
      lock.unlock();
    }
  }

  /** Lets go of what nobody has fetched or asked for lately; waits for the disk. */
  void expire() {
    long now = System.nanoTime();
    List<OutgoingSnapshot> over = new ArrayList<>();
    lock.lock();
    try {
      offers.values().removeIf(offer -> {
        boolean idle =
            offer.users == 0 && now - offer.lastUsedNanos > config.keep().toNanos();
        return idle && over.add(offer);
      });
    } finally {
      lock.unlock();
    }
    // Files are deleted without the lock, which other groups' replicators need.
    over.forEach(OutgoingSnapshot::close);
  }

  /** A stopped group offers nothing. */
  void withdraw(GroupId group) {
    OutgoingSnapshot offer;
    lock.lock();
    try {
      offer = offers.remove(group);
    } finally {
      lock.unlock();
    }
    if (offer != null) {
      // Waits while its files are being written: not with the lock, which other groups' replicators
      // need.
      offer.close();
    }
  }

  /** Answers another store's fetch; hands it to a thread that may wait. */
  void serve(SnapshotFetch asked, SnapshotOutput out) {
    OutgoingSnapshot offer = begin(asked);
    if (offer == null) {
      out.refuse("snapshot " + asked.getNumber() + " of group " + asked.getGroupId()
          + " is not on offer, ask again");
    } else if (!sending.tryAcquire()) {
      end(offer);
      out.refuse("store " + store + " sends " + config.maxSending() + " snapshots already");
    } else {
      try {
        senders.execute(() -> sendOrSayWhyNot(offer, out));
      } catch (RejectedExecutionException closing) {
        sending.release();
        end(offer);
        out.refuse("store " + store + " stops");
      }
    }
  }

  private @Nullable OutgoingSnapshot begin(SnapshotFetch asked) {
    lock.lock();
    try {
      OutgoingSnapshot offer = offers.get(new GroupId(asked.getGroupId()));
      if (offer == null || offer.number() != asked.getNumber()) {
        return null;
      }
      offer.users++;
      offer.fetched = true;
      return offer;
    } finally {
      lock.unlock();
    }
  }

  private void end(OutgoingSnapshot offer) {
    lock.lock();
    try {
      offer.users--;
      offer.lastUsedNanos = System.nanoTime();
    } finally {
      lock.unlock();
    }
  }

  private void sendOrSayWhyNot(OutgoingSnapshot offer, SnapshotOutput out) {
    long begun = System.nanoTime();
    try {
      long bytes = send(offer, out);
      log.info(
          "group={} snapshot at {} sent: {} bytes in {} ms",
          offer.group(),
          offer.index(),
          bytes,
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      out.refuse("store " + store + " stops");
    } catch (Exception e) {
      log.warn("group={} snapshot at {} not sent: {}", offer.group(), offer.index(), e.toString());
      out.refuse("snapshot not sent: " + e.getMessage());
    } finally {
      sending.release();
      end(offer);
    }
  }

  private long send(OutgoingSnapshot offer, SnapshotOutput out) throws Exception {
    out.send(SnapshotPiece.newBuilder()
        .setHead(SnapshotHead.newBuilder()
            .setMeta(offer.meta().toByteString())
            .setDescription(offer.description()))
        .build());
    SnapshotFiles files = offer.files();
    out.send(SnapshotPiece.newBuilder().setFiles(files).build());
    byte[] buffer = new byte[config.pieceBytes()];
    for (SnapshotFile file : files.getFilesList()) {
      send(offer.directory().resolve(file.getName()), buffer, out);
    }
    out.end();
    return OutgoingSnapshot.bytes(files);
  }

  private void send(Path file, byte[] buffer, SnapshotOutput out)
      throws IOException, InterruptedException {
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.readNBytes(buffer, 0, buffer.length);
          read > 0;
          read = in.readNBytes(buffer, 0, buffer.length)) {
        TimeUnit.NANOSECONDS.sleep(rate.take(read, System.nanoTime()));
        out.send(SnapshotPiece.newBuilder()
            .setData(ByteString.copyFrom(buffer, 0, read))
            .build());
        sentBytes.addAndGet(read);
      }
    }
  }

  /**
   * Fetches what another store offers; waits.
   *
   * @throws IllegalStateException saying why it does not come, or may not come in
   */
  RangeReader fetch(GroupId group, String uri, RangeSnapshots ranges, SnapshotFetching fetching) {
    String[] parts = uri.substring(Math.min(SCHEME.length(), uri.length())).split("/", -1);
    if (!uri.startsWith(SCHEME) || parts.length != 2) {
      throw new IllegalStateException("not a snapshot's address: " + uri);
    }
    if (!receiving.tryAcquire()) {
      throw new IllegalStateException(
          "store " + store + " receives " + config.maxReceiving() + " snapshots already");
    }
    Path files = directory.resolve("in").resolve(group + "-" + numbers.incrementAndGet());
    boolean whole = false;
    try (SnapshotReceiver receiver = new SnapshotReceiver(files, ranges::refusal)) {
      fetch(group, Long.parseLong(parts[0]), Long.parseLong(parts[1]), receiver, fetching);
      SnapshotMeta meta = receiver.finish();
      whole = true;
      return RangeReader.fetched(meta, files, receiver.description());
    } catch (IOException e) {
      throw new IllegalStateException("snapshot not written: " + e.getMessage(), e);
    } finally {
      receiving.release();
      if (!whole) {
        ranges.abandon();
        SnapshotReceiver.delete(files);
      }
    }
  }

  private void fetch(
      GroupId group, long from, long number, SnapshotReceiver receiver, SnapshotFetching fetching) {
    long begun = System.nanoTime();
    transport
        .get()
        .fetch(from, group.value(), number, config.installTimeout().toMillis(), fetching, piece -> {
          long before = receiver.bytes();
          receiver.take(piece);
          receivedBytes.addAndGet(receiver.bytes() - before);
        });
    log.info(
        "group={} snapshot at {} received from store {}: {} bytes in {} ms",
        group,
        receiver.finish().getLastIncludedIndex(),
        from,
        receiver.bytes(),
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
  }

  void close() {
    lock.lock();
    try {
      offers.values().forEach(OutgoingSnapshot::close);
      offers.clear();
    } finally {
      lock.unlock();
    }
  }
}
