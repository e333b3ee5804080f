package io.quorate.cli;

import io.quorate.client.OutcomeUnknownException;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.model.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Writers that never stop, and a record of every acknowledged write to judge the cluster by. */
final class WriteLoad implements AutoCloseable {
  /** One acknowledged write, with the times between which it happened. */
  record Acked(Bytes key, long number, long revision, long beganNanos, long endedNanos) {}

  private final QuorateClient client;
  private final List<Thread> writers = new ArrayList<>();
  private final Queue<Acked> acked = new ConcurrentLinkedQueue<>();
  private final Queue<RuntimeException> unexpected = new ConcurrentLinkedQueue<>();
  private final AtomicLong unknown = new AtomicLong();
  private final AtomicLong unavailable = new AtomicLong();
  private final AtomicLong lastAckNanos = new AtomicLong(System.nanoTime());
  private volatile boolean stopped;

  /** Each writer has keys of its own and writes growing numbers to them, one after the other. */
  WriteLoad(String pdAddresses, String run, int writerCount, List<String> prefixes) {
    client = QuorateClient.open(io.quorate.client.ClientConfig.of(pdAddresses)
        .withTimeouts(Duration.ofSeconds(15), Duration.ofMillis(1500)));
    for (int writer = 0; writer < writerCount; writer++) {
      List<Bytes> keys = new ArrayList<>();
      for (String prefix : prefixes) {
        keys.add(Bytes.utf8(prefix + "/" + run + "/" + writer));
      }
      Thread thread = new Thread(() -> write(keys), "writer-" + writer);
      thread.start();
      writers.add(thread);
    }
  }

  private void write(List<Bytes> keys) {
    for (long number = 1; !stopped; number++) {
      Bytes key = keys.get((int) (number % keys.size()));
      long began = System.nanoTime();
      try {
        long revision =
            client.put(key, Bytes.utf8(Long.toString(number))).join().revision();
        long ended = System.nanoTime();
        lastAckNanos.accumulateAndGet(ended, Math::max);
        acked.add(new Acked(key, number, revision, began, ended));
      } catch (CompletionException e) {
        count(e.getCause());
      } catch (QuorateException e) {
        count(e);
      } catch (RuntimeException e) {
        unexpected.add(e);
      }
    }
  }

  private void count(@Nullable Throwable failure) {
    if (failure instanceof OutcomeUnknownException) {
      unknown.incrementAndGet();
    } else if (failure instanceof QuorateException) {
      unavailable.incrementAndGet();
    } else {
      unexpected.add(new IllegalStateException(failure));
    }
  }

  int ackedWrites() {
    return acked.size();
  }

  long lastAckNanos() {
    return lastAckNanos.get();
  }

  QuorateClient client() {
    return client;
  }

  /** Stops the writers and checks everything that must hold of what they saw. */
  List<String> violations() throws InterruptedException {
    stopped = true;
    for (Thread writer : writers) {
      writer.join();
    }
    List<String> violations = new ArrayList<>();
    unexpected.forEach(failure -> violations.add("unexpected " + failure));
    duplicates(violations);
    outOfOrder(violations);
    lost(violations);
    return violations;
  }

  private void duplicates(List<String> violations) {
    Map<Long, Acked> byRevision = new HashMap<>();
    for (Acked write : acked) {
      Acked same = byRevision.put(write.revision, write);
      if (same != null) {
        violations.add("revision given twice: " + same + " and " + write);
      }
    }
  }

  /** A write that began after another was acknowledged must have the greater revision. */
  private void outOfOrder(List<String> violations) {
    List<Acked> byBegin = new ArrayList<>(acked);
    byBegin.sort(Comparator.comparingLong(Acked::beganNanos));
    List<Acked> byEnd = new ArrayList<>(acked);
    byEnd.sort(Comparator.comparingLong(Acked::endedNanos));
    int ended = 0;
    Optional<Acked> greatest = Optional.empty();
    for (Acked write : byBegin) {
      while (ended < byEnd.size() && byEnd.get(ended).endedNanos < write.beganNanos) {
        Acked earlier = byEnd.get(ended++);
        if (greatest.isEmpty() || earlier.revision > greatest.get().revision) {
          greatest = Optional.of(earlier);
        }
      }
      if (greatest.isPresent() && greatest.get().revision >= write.revision) {
        violations.add("revision went back: " + greatest.get() + " was acknowledged before " + write
            + " began");
      }
    }
  }

  /** What was acknowledged last for a key is there, or something that was written later and whose answer was lost. */
  private void lost(List<String> violations) {
    Map<Bytes, Acked> newest = new TreeMap<>();
    acked.forEach(write -> newest.merge(write.key, write, (a, b) -> a.number > b.number ? a : b));
    newest.forEach((key, write) -> {
      long found =
          client.get(key).join().map(kv -> Long.parseLong(kv.value().toUtf8())).orElse(-1L);
      if (found < write.number) {
        violations.add("acknowledged write lost: " + write + ", found " + found);
      }
    });
  }

  @Override
  public String toString() {
    return acked.size() + " acknowledged, " + unknown + " unknown, " + unavailable + " unavailable";
  }

  @Override
  public void close() {
    stopped = true;
    client.close();
  }
}
