package io.quorate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class CommandLineTest {
  @TempDir
  private Path directory;

  private record Ended(int exitCode, String out, String err) {}

  private static Ended quorate(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Quorate.execute(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    return new Ended(exitCode, out.toString(), err.toString());
  }

  @Test
  void wrongCommandLinesAreOneLineThatNamesTheHelp() {
    for (String line : List.of(
        "",
        "frobnicate",
        "get",
        "get k --colour",
        "put k",
        "store",
        "store run",
        "store drain",
        "store maintenance two",
        "region",
        "region why",
        "region move-peer 1 2",
        "region split",
        "region split k --region 3",
        "operator",
        "operator cancel all",
        "scheduler pause",
        "store run --data-dir d --cache-bytes lots",
        "dev --stores many",
        "cluster start",
        "get k --timeout soon")) {
      Ended ended = quorate(line.isEmpty() ? new String[0] : line.split(" "));
      assertThat(ended.exitCode()).as(line).isEqualTo(ExitCode.USAGE);
      assertThat(ended.err().lines())
          .as(line)
          .singleElement()
          .asString()
          .startsWith("quorate: ")
          .contains("--help");
      assertThat(ended.out()).as(line).isEmpty();
    }
  }

  @Test
  void optionsThatMakeNoSenseTogetherAreOneLine() {
    for (String line : List.of(
        "store run --data-dir d --listen nowhere",
        "store run --data-dir d --listen 127.0.0.1:1 --peer-listen 127.0.0.1:1",
        "store run --data-dir d --raft-heartbeat 900ms",
        "pd run --data-dir d --peers 1:127.0.0.1:2381",
        "pd run --data-dir d --split-keys a,a",
        "pd run --data-dir d --max-store-down-time soon",
        "pd run --data-dir d --enable-merge maybe",
        "pd run --data-dir d --isolation-level zone",
        "pd run --data-dir d --max-replicas 9",
        "dev --stores 0",
        "dev --pds 2",
        "cluster stop --dir nowhere",
        "cluster start --dir nowhere --cluster-key nowhere",
        "del",
        "range b a",
        "txn --when nonsense",
        "get zz --hex --pd 127.0.0.1:1 --timeout 100ms")) {
      Ended ended = quorate(line.split(" "));
      assertThat(ended.exitCode()).as(line + ": " + ended).isEqualTo(ExitCode.USAGE);
      assertThat(ended.err().lines()).as(line).singleElement().asString().startsWith("quorate: ");
    }
  }

  @Test
  void whatThereIsToChooseFromIsListed() {
    for (String soak : List.of("soak-watch", "soak-lease")) {
      Ended ended = quorate(soak, "--dir", "nowhere", "--change-kinds", "SPLIT,SPLITS");
      assertThat(ended.exitCode()).isEqualTo(ExitCode.USAGE);
      assertThat(ended.err())
          .contains("'SPLITS'", "SPLIT, MERGE, TRANSFER, MOVE")
          .doesNotContain("io.quorate");
    }
  }

  @Test
  void clusterThatCannotBeReachedIsSaidSo() {
    Ended ended = quorate("get", "k", "--pd", "127.0.0.1:1", "--timeout", "300ms");
    assertThat(ended.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(ended.err().lines()).singleElement().asString().contains("127.0.0.1:1");
  }

  @Test
  void everyCommandHasHelpWithItsOptions() {
    List<String> missing = new ArrayList<>();
    check(Quorate.commandLine(), missing);
    assertThat(missing).isEmpty();
  }

  private static void check(CommandLine command, List<String> missing) {
    String name = command.getCommandSpec().qualifiedName();
    if (command.getCommandSpec().usageMessage().description().length == 0) {
      missing.add(name);
    }
    for (OptionSpec option : command.getCommandSpec().options()) {
      if (option.description().length == 0) {
        missing.add(name + " " + option.longestName());
      }
    }
    command.getSubcommands().values().forEach(sub -> check(sub, missing));
  }

  @Test
  void helpAndVersionAreNoErrors() {
    assertThat(quorate("--help").exitCode()).isZero();
    // Lines are broken where the terminal ends, in the middle of an address if need be.
    assertThat(quorate("store", "run", "--help").out().replaceAll("\\s+", ""))
        .contains("--peer-listen", "Default:127.0.0.1:2380");
    assertThat(quorate("pd", "run", "--help").out().replaceAll("\\s+", ""))
        .contains(
            "--max-store-down-time", "--location-labels", "--store-limit-add-peer", "Default:30m");
    assertThat(quorate("--version").out()).startsWith("quorate ");
  }

  @Test
  void configFileFillsInWhatTheCommandLineLeavesOut() throws Exception {
    Path file = Files.writeString(
        directory.resolve("store.properties"),
        "data-dir=/from/file\npd-timeout=7s\nlisten=127.0.0.1:1111\n");
    String[] line = {"store", "run", "--config", file.toString(), "--listen", "127.0.0.1:2222"};
    CommandLine root = Quorate.commandLine();
    CommandLine run = subcommand(subcommand(root, "store"), "run");
    ConfigFile.named(List.of(line)).orElseThrow().applyTo(run);
    root.parseArgs(line);
    StoreRunCommand parsed = run.getCommand();
    assertThat(parsed.config().dataDir()).isEqualTo(Path.of("/from/file"));
    assertThat(parsed.config().pdTimeout()).isEqualTo(Duration.ofSeconds(7));
    assertThat(parsed.config().addresses().client().port()).isEqualTo(2222);
    assertThat(parsed.config().addresses().peer().port()).isEqualTo(2380);
  }

  private static CommandLine subcommand(CommandLine of, String name) {
    return Objects.requireNonNull(of.getSubcommands().get(name));
  }

  @Test
  void unknownNameInConfigFileIsAnError() throws Exception {
    Path file =
        Files.writeString(directory.resolve("store.properties"), "data-dir=d\ncolour=red\n");
    Ended ended = quorate("store", "run", "--config=" + file);
    assertThat(ended.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(ended.err()).contains("'colour'").contains("quorate store run");
    assertThat(quorate("store", "run", "--config", "nowhere.properties").err())
        .contains("cannot be read");
  }
}
