package io.quorate.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a set of processes has used so far, read from /proc: Linux only, elsewhere all zero.
 *
 * @param cpuMillis user and system time of all of them
 * @param residentBytes memory they hold
 */
public record ProcessCost(long cpuMillis, long residentBytes) {
  /** USER_HZ, fixed at 100 for every program on Linux. */
  private static final int TICK_MILLIS = 10;

  private static final int PAGE_BYTES = 4096;

  /** Reads the processes' counters; one that has ended counts as nothing. */
  public static ProcessCost of(List<Long> pids) {
    long cpu = 0;
    long resident = 0;
    for (long pid : pids) {
      Path folder = Path.of("/proc", Long.toString(pid));
      try {
        String stat = Files.readString(folder.resolve("stat"));
        // The name in the second field may hold blanks: count from the last parenthesis (proc(5)).
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        cpu += (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * TICK_MILLIS;
        resident += Long.parseLong(Files.readString(folder.resolve("statm")).split(" ", -1)[1])
            * PAGE_BYTES;
      } catch (IOException gone) {
        // A process that has ended has used what was counted before.
      }
    }
    return new ProcessCost(cpu, resident);
  }

  /** What was used between an earlier reading and this one; memory as it is now. */
  public ProcessCost since(ProcessCost earlier) {
    return new ProcessCost(cpuMillis - earlier.cpuMillis, residentBytes);
  }
}
