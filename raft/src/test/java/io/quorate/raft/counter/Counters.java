package io.quorate.raft.counter;

import io.quorate.model.Bytes;
import io.quorate.raft.LogEntry;
import io.quorate.raft.Membership;
import io.quorate.raft.SnapshotHooks;
import io.quorate.raft.StateMachine;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Named counters, in memory: an entry is "name amount", its answer the counter's new value. */
final class Counters implements StateMachine<Long>, SnapshotHooks {
  private final Map<String, Long> values = new ConcurrentSkipListMap<>();
  private final List<Long> termsLed = new CopyOnWriteArrayList<>();
  private final List<Long> termsLost = new CopyOnWriteArrayList<>();
  private final List<Membership> memberships = new CopyOnWriteArrayList<>();
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final AtomicInteger loads = new AtomicInteger();
  private volatile long lastIndex;

  static byte[] add(String name, long amount) {
    return Bytes.utf8(name + " " + amount).toByteArray();
  }

  long value(String name) {
    return values.getOrDefault(name, 0L);
  }

  Map<String, Long> values() {
    return new TreeMap<>(values);
  }

  List<Long> termsLed() {
    return termsLed;
  }

  List<Long> termsLost() {
    return termsLost;
  }

  List<Membership> memberships() {
    return memberships;
  }

  List<String> failures() {
    return failures;
  }

  /** How often the whole state was replaced. */
  int loads() {
    return loads.get();
  }

  @Override
  public long appliedIndex() {
    return 0;
  }

  @Override
  public List<Long> apply(List<LogEntry> entries) {
    List<Long> answers = new ArrayList<>(entries.size());
    for (LogEntry entry : entries) {
      if (entry.index() <= lastIndex) {
        throw new IllegalStateException("entry " + entry.index() + " again, after " + lastIndex);
      }
      lastIndex = entry.index();
      String[] words = entry.data().toUtf8().split(" ", -1);
      if (words[0].equals("poison")) {
        throw new IllegalStateException("poisoned at " + entry.index());
      }
      answers.add(values.merge(words[0], Long.parseLong(words[1]), Long::sum));
    }
    return answers;
  }

  @Override
  public void onLeading(long term) {
    termsLed.add(term);
  }

  @Override
  public void onLeadershipLost(long term) {
    termsLost.add(term);
  }

  @Override
  public void onMembership(long index, long term, Membership membership) {
    memberships.add(membership);
  }

  @Override
  public void onFailure(String reason) {
    failures.add(reason);
  }

  @Override
  public void save(OutputStream out) throws IOException {
    DataOutputStream data = new DataOutputStream(out);
    data.writeInt(values.size());
    for (Map.Entry<String, Long> counter : values.entrySet()) {
      data.writeUTF(counter.getKey());
      data.writeLong(counter.getValue());
    }
    data.flush();
  }

  @Override
  public void load(InputStream in) throws IOException {
    DataInputStream data = new DataInputStream(in);
    values.clear();
    for (int left = data.readInt(); left > 0; left--) {
      values.put(data.readUTF(), data.readLong());
    }
    loads.incrementAndGet();
  }
}
