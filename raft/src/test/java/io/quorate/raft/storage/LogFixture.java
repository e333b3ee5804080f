package io.quorate.raft.storage;

import com.alipay.sofa.jraft.entity.EnumOutter.EntryType;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.entity.LogId;
import com.alipay.sofa.jraft.entity.PeerId;
import io.quorate.raft.GroupId;
import io.quorate.raft.ReplicaId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Entries and databases for the tests of this package. */
final class LogFixture {
  static final PeerIds PEERS = new PeerIds(0x1f);

  private LogFixture() {}

  static RaftDatabase open(Path directory) {
    return RaftDatabase.open(directory, List.of(), RaftDatabaseConfig.defaults());
  }

  /** For properties over many databases, where durability is not the point. */
  static RaftDatabase openUnsynced(Path directory) {
    return RaftDatabase.open(
        directory, List.of(), RaftDatabaseConfig.defaults().withSyncLog(false));
  }

  static LogEntry data(long index, long term, byte[] bytes) {
    LogEntry entry = new LogEntry(EntryType.ENTRY_TYPE_DATA);
    entry.setId(new LogId(index, term));
    entry.setData(ByteBuffer.wrap(bytes));
    return entry;
  }

  static LogEntry data(long index, long term) {
    return data(
        index, term, ("entry " + index + " of term " + term).getBytes(StandardCharsets.UTF_8));
  }

  static LogEntry configuration(long index, long term, int voters, boolean joint) {
    LogEntry entry = new LogEntry(EntryType.ENTRY_TYPE_CONFIGURATION);
    entry.setId(new LogId(index, term));
    entry.setPeers(peers(1, voters));
    if (joint) {
      entry.setOldPeers(peers(2, voters));
      entry.setOldLearners(peers(20, 1));
      entry.setLearners(List.of());
    }
    return entry;
  }

  static LogEntry random(Random random, long index, long term) {
    if (random.nextInt(8) == 0) {
      return configuration(index, term, 1 + random.nextInt(5), random.nextBoolean());
    }
    if (random.nextInt(8) == 0) {
      LogEntry noop = new LogEntry(EntryType.ENTRY_TYPE_NO_OP);
      noop.setId(new LogId(index, term));
      return noop;
    }
    byte[] bytes = new byte[random.nextInt(20) == 0 ? 10_000 : random.nextInt(100)];
    random.nextBytes(bytes);
    return data(index, term, bytes);
  }

  static SharedLogStorage log(RaftDatabase database, long group) {
    SharedLogStorage storage = new SharedLogStorage(database, new GroupId(group), PEERS);
    storage.load(null);
    return storage;
  }

  /** What a killed process leaves to its successor: the files as they are while the database is open. */
  static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        if (!file.getFileName().toString().equals("LOCK")) {
          Files.copy(file, to.resolve(file.getFileName()));
        }
      }
    }
  }

  private static List<PeerId> peers(long firstStore, int count) {
    List<PeerId> peers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      peers.add(PEERS.toPeer(new ReplicaId(firstStore + i, 100 + i)));
    }
    return peers;
  }
}
