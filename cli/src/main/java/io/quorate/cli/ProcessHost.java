package io.quorate.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * One process of a local cluster: its configuration, log and pid files lie in the cluster's directory, and it outlives the
 * command that started it. Thread: the command's.
 *
 * @param directory of the cluster
 * @param name of the process, also of its files
 */
record ProcessHost(Path directory, String name) {
  Path configFile() {
    return directory.resolve(name + ".properties");
  }

  Path logFile() {
    return directory.resolve(name + ".log");
  }

  Path pidFile() {
    return directory.resolve(name + ".pid");
  }

  Path dataDirectory() {
    return directory.resolve(name);
  }

  /** The live process that the pid file names, if it is really this one and not another that got its number later. */
  Optional<ProcessHandle> running() {
    return pid().flatMap(ProcessHandle::of).filter(ProcessHandle::isAlive).filter(this::isOurs);
  }

  private Optional<Long> pid() {
    try {
      return Files.exists(pidFile())
          ? Optional.of(Long.parseLong(Files.readString(pidFile()).strip()))
          : Optional.empty();
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  private boolean isOurs(ProcessHandle process) {
    return arguments(process).contains(configFile().toString());
  }

  /** The JDK cuts long command lines; Linux tells them whole. */
  private static List<String> arguments(ProcessHandle process) {
    Path commandLine = Path.of("/proc", Long.toString(process.pid()), "cmdline");
    try {
      if (Files.exists(commandLine)) {
        return Arrays.asList(Files.readString(commandLine).split("\0"));
      }
    } catch (IOException e) {
      // It has ended in between, or is another user's.
      return List.of();
    }
    return process.info().arguments().map(Arrays::asList).orElse(List.of());
  }

  /** Starts it with the command line, detached, its output added to its log. */
  ProcessHandle start(List<String> commandLine) {
    try {
      Process process = new ProcessBuilder(commandLine)
          .directory(directory.toFile())
          .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile().toFile()))
          .start();
      Files.writeString(pidFile(), process.pid() + "\n");
      return process.toHandle();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Asks it to stop (SIGTERM), and kills it if it has not after the time.
   *
   * @return whether it ran
   */
  boolean stop(Duration patience) {
    Optional<ProcessHandle> process = running();
    process.ifPresent(ProcessHandle::destroy);
    process.ifPresent(handle -> awaitEnd(handle, patience));
    try {
      Files.deleteIfExists(pidFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return process.isPresent();
  }

  private static void awaitEnd(ProcessHandle process, Duration patience) {
    try {
      process.onExit().get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      process.destroyForcibly();
      process.onExit().join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The last line of its log: why it did not start, usually. */
  String lastWords() {
    try (Stream<String> lines = Files.lines(logFile())) {
      return lines.filter(line -> !line.isBlank()).reduce("", (earlier, later) -> later);
    } catch (IOException | UncheckedIOException e) {
      return "";
    }
  }
}
