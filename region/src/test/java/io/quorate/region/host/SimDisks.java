package io.quorate.region.host;

import io.quorate.raft.storage.RaftDatabase;
import io.quorate.raft.storage.RaftDatabaseConfig;
import io.quorate.region.storage.SharedStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The disks of three stores, for the runs of a simulation. Runs share them, since opening one takes longer than many a run; after some they
 * are new, since every look at a store's regions meets those of all runs before. Used by one thread.
 */
final class SimDisks implements AfterAllCallback {
  private static final int STORES = 3;
  private static final int RUNS = 25;

  private final List<RaftDatabase> databases = new ArrayList<>();
  private Path directory = Path.of("");
  private int runs;

  /** For one more run. */
  List<RaftDatabase> next() {
    if (runs % RUNS == 0) {
      close();
      try {
        directory = Files.createTempDirectory("simulation-");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      for (int store = 1; store <= STORES; store++) {
        databases.add(RaftDatabase.open(
            directory.resolve("store-" + store),
            SharedStore.families(),
            RaftDatabaseConfig.defaults()));
      }
    }
    runs++;
    return List.copyOf(databases);
  }

  private void close() {
    if (databases.isEmpty()) {
      return;
    }
    databases.forEach(RaftDatabase::close);
    databases.clear();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    close();
  }
}
