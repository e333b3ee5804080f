package io.quorate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.embedded.EmbeddedCluster;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every way not to start, each answered in one line that says what to do. */
class BadStartIT {
  private static final String ANY = "127.0.0.1:0";

  @TempDir
  private Path directory;

  private void refused(String words, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Quorate.execute(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    assertThat(exitCode).as(err.toString()).isEqualTo(ExitCode.NOT_STARTED);
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .startsWith("quorate: ")
        .containsIgnoringCase(words);
  }

  private void storeRefused(String words, Path data, String listen, String pd) {
    refused(
        words,
        "store",
        "run",
        "--data-dir",
        data.toString(),
        "--listen",
        listen,
        "--peer-listen",
        ANY,
        "--pd",
        pd,
        "--pd-timeout",
        "1s");
  }

  @Test
  void placementDriverThatCannotBeReached() {
    storeRefused("check --pd [127.0.0.1:1]", directory.resolve("s"), ANY, "127.0.0.1:1");
  }

  @Test
  void directoryOfSomethingElse() throws Exception {
    Files.writeString(directory.resolve("diary.txt"), "dear");
    storeRefused("choose an empty --data-dir", directory, ANY, "127.0.0.1:1");
    refused(
        "choose an empty --data-dir",
        "pd",
        "run",
        "--data-dir",
        directory.toString(),
        "--listen",
        ANY);
  }

  @Test
  void directoryOfAnotherClustersStoreOrOfARunningOneOrOfAPlacementDriver() {
    try (EmbeddedCluster old =
        EmbeddedCluster.builder().stores(1).dataDir(directory.resolve("old")).start()) {
      storeRefused(
          "in use by another process", directory.resolve("old/store-1"), ANY, old.pdAddresses());
      storeRefused(
          "choose another --listen",
          directory.resolve("new"),
          old.storeAddress(1),
          old.pdAddresses());
      refused(
          "--listen",
          "pd",
          "run",
          "--data-dir",
          directory.resolve("pd").toString(),
          "--listen",
          old.pdAddress(1));
    }
    storeRefused("choose an empty --data-dir", directory.resolve("old/pd-1"), ANY, "127.0.0.1:1");
    refused(
        "choose an empty --data-dir",
        "pd",
        "run",
        "--data-dir",
        directory.resolve("old/store-1").toString(),
        "--listen",
        ANY);
    try (EmbeddedCluster other = EmbeddedCluster.builder().stores(1).start()) {
      storeRefused(
          "give --pd of the right cluster",
          directory.resolve("old/store-1"),
          ANY,
          other.pdAddresses());
    }
  }
}
