package io.quorate.raft.storage;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the appends of all groups durable, as many as there are with one write and one sync; owned by {@link RaftDatabase},
 * with one thread of its own. While one write is on its way to the disk the next batch fills: nothing waits for a timer. An
 * appender that finds nobody writing and nothing waiting writes by itself, which saves two changes of threads.
 *
 * <p>Appenders wait until their records are durable, or longer at once when too many bytes wait already. An error of the disk
 * is final: all later appends fail, none is retried, and the owner is told to stop.
 */
public final class LogWriter {
  private static final Logger log = LoggerFactory.getLogger(LogWriter.class);

  private static final String FAILED = "log write failed, this store stops: ";

  private enum Outcome {
    WAITING,
    DURABLE,
    FAILED
  }

  /** One appender's records and whom to wake. */
  private static final class Ticket {
    final BatchBytes batch;
    final Thread appender = Thread.currentThread();
    volatile Outcome outcome = Outcome.WAITING;

    Ticket(BatchBytes batch) {
      this.batch = batch;
    }
  }

  /**
   * What was written so far.
   *
   * @param appends batches that were handed in
   * @param syncs rounds they were merged into
   * @param bytes of records
   * @param nanos that the rounds took
   */
  public record Stats(long appends, long syncs, long bytes, long nanos) {}

  private final RocksDB db;
  private final DurableNote note;
  private final WriteOptions options = new WriteOptions();
  private final boolean sync;
  private final int batchBytes;
  private final long queueBytes;
  private final Consumer<String> onFailure;
  private final Thread thread;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition room = lock.newCondition();
  private final ArrayDeque<Ticket> queue = new ArrayDeque<>();
  private long queued;
  private boolean resting;
  /** Whether an appender writes; the thread rests meanwhile. */
  private boolean direct;

  private boolean closed;
  private volatile @Nullable String failure;
  private volatile Stats stats = new Stats(0, 0, 0, 0);

  LogWriter(
      RocksDB db,
      DurableNote note,
      RaftDatabaseConfig config,
      String name,
      Consumer<String> onFailure) {
    this.db = db;
    this.note = note;
    this.sync = config.syncLog();
    this.batchBytes = config.commitBatchBytes();
    this.queueBytes = config.commitQueueBytes();
    this.onFailure = onFailure;
    this.thread = new Thread(this::run, "raft-log-writer-" + name);
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Appends the records and returns when they are durable. Records of one caller thread are written in the order of the
   * calls.
   *
   * @throws IllegalStateException when the disk failed, now or before, or the database is closed
   */
  public void append(BatchBytes batch) {
    if (!tryAppend(batch)) {
      throw new IllegalStateException(failure == null ? "the database is closed" : failure);
    }
  }

  /** As {@link #append}, but answers false when the disk failed or the database is closed. */
  boolean tryAppend(BatchBytes batch) {
    if (batch.isEmpty()) {
      return failure == null;
    }
    Ticket ticket = new Ticket(batch);
    if (claim()) {
      writeDirectly(ticket);
      return ticket.outcome == Outcome.DURABLE;
    }
    if (!enqueue(ticket)) {
      return false;
    }
    boolean interrupted = false;
    while (ticket.outcome == Outcome.WAITING) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return ticket.outcome == Outcome.DURABLE;
  }

  public Stats stats() {
    return stats;
  }

  /** Bytes of records that wait for the writer. */
  long queuedBytes() {
    lock.lock();
    try {
      return queued;
    } finally {
      lock.unlock();
    }
  }

  /** Why nothing can be written any more, or null. */
  public @Nullable String failure() {
    return failure;
  }

  /** Whether the caller may write by itself: then it must. */
  private boolean claim() {
    lock.lock();
    try {
      // Only while the thread rests can it not be about to write.
      if (!resting || direct || closed || failure != null || !queue.isEmpty()) {
        return false;
      }
      direct = true;
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void writeDirectly(Ticket ticket) {
    List<Ticket> round = List.of(ticket);
    try {
      write(round);
      ticket.outcome = Outcome.DURABLE;
    } catch (RocksDBException | IOException | RuntimeException | Error e) {
      fail(FAILED + e.getMessage(), e, round);
    } finally {
      lock.lock();
      try {
        direct = false;
        if (!queue.isEmpty() || closed) {
          resting = false;
          work.signal();
        }
      } finally {
        lock.unlock();
      }
    }
  }

  private boolean enqueue(Ticket ticket) {
    int bytes = ticket.batch.length();
    lock.lock();
    try {
      // A batch that alone exceeds the bound goes in when the queue is empty.
      while (failure == null && !closed && queued > 0 && queued + bytes > queueBytes) {
        room.awaitUninterruptibly();
      }
      if (failure != null || closed) {
        return false;
      }
      queue.add(ticket);
      queued += bytes;
      if (resting && !direct) {
        resting = false;
        work.signal();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    List<Ticket> round = new ArrayList<>();
    try {
      while (true) {
        round.clear();
        if (!take(round)) {
          return;
        }
        write(round);
        release(round, Outcome.DURABLE);
      }
    } catch (RocksDBException | IOException | RuntimeException | Error e) {
      fail(FAILED + e.getMessage(), e, round);
    }
  }

  /** Waits for work and takes up to a batch of it; false when closed and all is written. */
  private boolean take(List<Ticket> round) {
    lock.lock();
    try {
      while (queue.isEmpty() || direct) {
        if (closed && !direct) {
          return false;
        }
        resting = true;
        work.awaitUninterruptibly();
      }
      resting = false;
      long taken = 0;
      Ticket next = queue.peek();
      while (next != null && (round.isEmpty() || taken + next.batch.length() <= batchBytes)) {
        taken += next.batch.length();
        round.add(queue.remove());
        next = queue.peek();
      }
      queued -= taken;
      room.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void write(List<Ticket> round) throws RocksDBException, IOException {
    int length = BatchBytes.HEADER;
    int records = 0;
    for (Ticket ticket : round) {
      length = Math.addExact(length, ticket.batch.length());
      records += ticket.batch.records();
    }
    byte[] whole = new byte[length];
    BatchBytes.header(whole, records);
    int at = BatchBytes.HEADER;
    for (Ticket ticket : round) {
      ticket.batch.copyTo(whole, at);
      at += ticket.batch.length();
    }
    long begun = System.nanoTime();
    try (WriteBatch batch = new WriteBatch(whole)) {
      db.write(options, batch);
    }
    long written = db.getLatestSequenceNumber();
    // Not a synced write: that would hold RocksDB's write queue, and all appliers in it, until the
    // disk is done.
    db.flushWal(sync);
    if (sync) {
      note.synced(written);
    }
    Stats before = stats;
    stats = new Stats(
        before.appends() + round.size(),
        before.syncs() + 1,
        before.bytes() + length - BatchBytes.HEADER,
        before.nanos() + System.nanoTime() - begun);
  }

  private static void release(List<Ticket> round, Outcome outcome) {
    for (Ticket ticket : round) {
      ticket.outcome = outcome;
      LockSupport.unpark(ticket.appender);
    }
  }

  private void fail(String reason, Throwable cause, List<Ticket> round) {
    log.error("{}", reason, cause);
    List<Ticket> stranded = new ArrayList<>(round);
    lock.lock();
    try {
      failure = reason;
      stranded.addAll(queue);
      queue.clear();
      queued = 0;
      room.signalAll();
    } finally {
      lock.unlock();
    }
    release(stranded, Outcome.FAILED);
    onFailure.accept(reason);
  }

  /** Writes what was handed in before, then ends the thread. */
  void close() {
    lock.lock();
    try {
      closed = true;
      work.signal();
      room.signalAll();
    } finally {
      lock.unlock();
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    options.close();
  }
}
