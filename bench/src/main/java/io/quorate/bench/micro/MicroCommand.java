package io.quorate.bench.micro;

import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quorate bench micro}: JMH on the hot pure parts. */
@Command(
    name = "micro",
    description = "JMH micro-benchmarks: the code of stored keys, routing, the rule of a put.",
    mixinStandardHelpOptions = true)
public final class MicroCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "PATTERN",
      arity = "0..*",
      description = "Regular expressions of benchmarks to run (default: all).")
  List<String> patterns = List.of();

  @Option(
      names = "--forks",
      defaultValue = "1",
      description = "JVMs per benchmark (default ${DEFAULT-VALUE}).")
  int forks;

  @Option(
      names = "--iterations",
      defaultValue = "5",
      description = "Measured seconds per JVM, after three of warm-up (default ${DEFAULT-VALUE}).")
  int iterations;

  @Override
  public Integer call() throws Exception {
    ChainedOptionsBuilder options = new OptionsBuilder()
        .forks(forks)
        .warmupIterations(3)
        .warmupTime(TimeValue.seconds(1))
        .measurementIterations(iterations)
        .measurementTime(TimeValue.seconds(1));
    if (patterns.isEmpty()) {
      options.include("io\\.quorate\\.bench\\.micro\\..*");
    }
    patterns.forEach(options::include);
    new Runner(options.build()).run();
    return 0;
  }
}
