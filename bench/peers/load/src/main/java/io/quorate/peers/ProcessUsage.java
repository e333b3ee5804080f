package io.quorate.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/** What some processes together have used up to now, as /proc tells. */
public record ProcessUsage(double cpuMillis, double rssMb, long threads) {
  /** Linux reports times to user space in hundredths of a second, whatever its own tick is. */
  private static final double MILLIS_PER_TICK = 10;

  /** The sum over these processes; fails if one of them has ended. */
  public static ProcessUsage of(Collection<Long> pids) {
    double cpuMillis = 0;
    double rssMb = 0;
    long threads = 0;
    for (long pid : pids) {
      cpuMillis += cpuMillis(pid);
      rssMb += status(pid, "VmRSS:") / 1024.0;
      threads += status(pid, "Threads:");
    }
    return new ProcessUsage(cpuMillis, rssMb, threads);
  }

  /** This process. */
  public static ProcessUsage ofThisProcess() {
    return of(List.of(ProcessHandle.current().pid()));
  }

  private static double cpuMillis(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      // The name in parentheses may hold spaces; utime and stime are the 12th and 13th field after
      // it (proc(5)).
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * MILLIS_PER_TICK;
    } catch (IOException e) {
      throw new UncheckedIOException("process " + pid, e);
    }
  }

  private static long status(long pid, String field) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
        if (line.startsWith(field)) {
          return Long.parseLong(line.substring(field.length()).replace("kB", "").trim());
        }
      }
      throw new IllegalStateException("process " + pid + " has no " + field + " (a zombie?)");
    } catch (IOException e) {
      throw new UncheckedIOException("process " + pid, e);
    }
  }
}
