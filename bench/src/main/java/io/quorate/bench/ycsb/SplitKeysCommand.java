package io.quorate.bench.ycsb;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code quorate bench split-keys}: the keys that cut YCSB's records into even regions. */
@Command(
    name = "split-keys",
    description = "Prints the keys that cut YCSB's records into N even regions, for --split-keys.",
    mixinStandardHelpOptions = true)
public final class SplitKeysCommand implements Callable<Integer> {
  @Parameters(paramLabel = "N", description = "How many regions, from 2 up.")
  int regions;

  @Override
  public Integer call() {
    if (regions < 2) {
      throw new IllegalArgumentException(
          "a keyspace of one region needs no split keys: give 2 or more");
    }
    System.out.println(String.join(",", YcsbKeySpace.splitKeys(regions)));
    return 0;
  }
}
