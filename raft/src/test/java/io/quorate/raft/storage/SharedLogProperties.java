package io.quorate.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;

import com.alipay.sofa.jraft.conf.ConfigurationManager;
import com.alipay.sofa.jraft.entity.LogEntry;
import io.quorate.raft.GroupId;
import io.quorate.testing.Seeds;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;

class SharedLogProperties {
  private static final int STEPS = 60;
  private static final int GROUPS = 3;

  @TempDir
  Path directory;

  /** A log as one would write it down. */
  private static final class Model {
    final TreeMap<Long, LogEntry> entries = new TreeMap<>();
    long first = 1;
    long term = 1;

    long next() {
      return entries.isEmpty() ? first : entries.lastKey() + 1;
    }
  }

  @Seeds(25)
  void severalLogsInOneDatabaseBehaveLikeMaps(long seed) {
    Random random = new Random(seed);
    Path path = directory.resolve(Long.toString(seed));
    RaftDatabase database = LogFixture.openUnsynced(path);
    List<Model> models = new ArrayList<>();
    List<SharedLogStorage> logs = new ArrayList<>();
    for (int group = 0; group < GROUPS; group++) {
      models.add(new Model());
      logs.add(LogFixture.log(database, group + 1));
    }
    try {
      for (int step = 0; step < STEPS; step++) {
        int group = random.nextInt(GROUPS);
        if (random.nextInt(12) == 0) {
          database.close();
          database = LogFixture.openUnsynced(path);
          for (int each = 0; each < GROUPS; each++) {
            logs.set(each, LogFixture.log(database, each + 1));
          }
        } else {
          act(random, models.get(group), logs.get(group));
        }
        for (int each = 0; each < GROUPS; each++) {
          check(random, models.get(each), logs.get(each));
        }
      }
      for (int group = 0; group < GROUPS; group++) {
        checkConfigurations(database, group + 1, models.get(group));
      }
    } finally {
      database.close();
    }
  }

  private static void act(Random random, Model model, SharedLogStorage log) {
    switch (random.nextInt(6)) {
      case 0 -> {
        long kept = model.first + random.nextInt((int) (model.next() - model.first) + 5);
        assertThat(log.truncatePrefix(kept)).isTrue();
        model.entries.headMap(kept).clear();
        model.first = Math.max(model.first, kept);
      }
      case 1 -> {
        long kept = model.next() - 1 - random.nextInt((int) (model.next() - model.first) + 1);
        assertThat(log.truncateSuffix(kept)).isTrue();
        model.entries.tailMap(kept, false).clear();
        model.term++;
      }
      case 2 -> {
        if (random.nextInt(3) == 0) {
          long next = model.next() + random.nextInt(10);
          assertThat(log.reset(next)).isTrue();
          assertThat(log.getFirstLogIndex()).isEqualTo(next);
          assertThat(log.getLastLogIndex()).isEqualTo(next);
          assertThat(log.getEntry(next)).isNotNull();
          model.entries.clear();
          model.first = next;
          append(random, model, log);
        }
      }
      default -> append(random, model, log);
    }
  }

  private static void append(Random random, Model model, SharedLogStorage log) {
    List<LogEntry> entries = new ArrayList<>();
    long next = model.next();
    int count = 1 + random.nextInt(random.nextInt(10) == 0 ? 300 : 5);
    for (int i = 0; i < count; i++) {
      LogEntry entry = LogFixture.random(random, next + i, model.term);
      entries.add(entry);
      model.entries.put(next + i, entry);
    }
    assertThat(log.appendEntries(entries)).isEqualTo(count);
  }

  private static void check(Random random, Model model, SharedLogStorage log) {
    assertThat(log.getFirstLogIndex()).isEqualTo(model.first);
    assertThat(log.getLastLogIndex())
        .isEqualTo(model.entries.isEmpty() ? 0 : model.entries.lastKey());
    assertThat(log.getEntry(model.first - 1)).isNull();
    assertThat(log.getEntry(model.next())).isNull();
    if (!model.entries.isEmpty()) {
      for (int i = 0; i < 5; i++) {
        long index = model.first + random.nextInt(model.entries.size());
        assertThat(log.getEntry(index)).isEqualTo(model.entries.get(index));
      }
      assertThat(log.getEntry(model.entries.lastKey()))
          .isEqualTo(model.entries.lastEntry().getValue());
    }
  }

  private static void checkConfigurations(RaftDatabase database, long group, Model model) {
    ConfigurationManager manager = new ConfigurationManager();
    new SharedLogStorage(database, new GroupId(group), LogFixture.PEERS).load(manager);
    List<Long> expected = model.entries.values().stream()
        .filter(LogRecord::isConfiguration)
        .map(entry -> entry.getId().getIndex())
        .toList();
    List<Long> found = new ArrayList<>();
    for (long index = model.next() - 1; index >= model.first; index--) {
      long at = manager.get(index).getId().getIndex();
      if (at != 0 && !found.contains(at)) {
        found.add(0, at);
      }
    }
    assertThat(found).isEqualTo(expected);
    expected.forEach(index -> assertThat(manager.get(index).getConf().getPeers())
        .isEqualTo(Objects.requireNonNull(model.entries.get(index)).getPeers()));
  }
}
