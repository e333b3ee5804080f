package io.quorate.region.script;

import io.quorate.model.KeyRange;
import io.quorate.region.command.Command;
import io.quorate.region.command.LogCommands;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.Refusal;
import io.quorate.region.command.Stamped;
import io.quorate.region.command.Validation;
import io.quorate.region.command.WriteName;
import io.quorate.region.mvcc.MvccReader;
import io.quorate.region.mvcc.RangeQuery;
import io.quorate.region.storage.ApplySession;
import io.quorate.region.storage.RegionStore;
import io.quorate.region.storage.SharedStoreConfig;
import io.quorate.region.storage.TestStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tells by text files what commands and reads of one region come to; every command gets the next revision. */
final class RegionScript {
  @TempDir
  private Path directory;

  private RegionStore region;
  private long revision = 1;

  @ParameterizedTest
  @ValueSource(strings = {"mvcc.txt", "range.txt", "txn.txt", "refused.txt"})
  void tells(String name) throws IOException {
    try (TestStore store = new TestStore(directory, SharedStoreConfig.defaults())) {
      region = store.create(1, KeyRange.ALL);
      Script.run(name, this::run);
    }
  }

  private String run(List<String> lines) {
    if (lines.get(0).equals("txn")) {
      return apply(Words.txn(lines));
    }
    StringBuilder out = new StringBuilder();
    for (String line : lines) {
      String first = line.substring(0, line.indexOf(' '));
      out.append(
          switch (first) {
            case "put", "del" -> apply((Command) Words.operation(line));
            case "get", "range" -> read(Words.query(line));
            default -> throw new IllegalArgumentException(line);
          });
      out.append('\n');
    }
    return out.toString();
  }

  private String apply(Command command) {
    Optional<Refusal> invalid = Validation.check(command);
    if (invalid.isPresent()) {
      return Words.tell(new Outcome.Refused(invalid.get()));
    }
    try (ApplySession session = region.begin()) {
      Stamped stamped = new Stamped(++revision, 1, WriteName.NONE, command);
      Outcome outcome = session
          .apply(
              region.appliedIndex() + 1,
              1,
              LogCommands.of(region.descriptor().epoch(), List.of(stamped)))
          .get(0);
      session.commit();
      return Words.tell(outcome);
    }
  }

  private String read(RangeQuery query) {
    Optional<Refusal> invalid = Validation.check(query);
    return Words.tell(
        invalid.isPresent()
            ? new Outcome.Refused(invalid.get())
            : region.read(query, revision, 0, new MvccReader.Bounds(1 << 20, true)));
  }
}
