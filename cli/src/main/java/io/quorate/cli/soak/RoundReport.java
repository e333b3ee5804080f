package io.quorate.cli.soak;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one round of load and faults came to. Pure.
 *
 * @param seed that decided the round
 * @param took from the first to the last request
 * @param acked puts acknowledged
 * @param unknown puts of unknown outcome
 * @param refused puts that were certainly not done
 * @param reads gets answered to clients that route
 * @param snapshotReads keys read as part of a range over all regions
 * @param directReads gets answered by a store asked directly
 * @param directAsks revisions told or given away by a placement driver asked directly
 * @param heldReads gets that a store answered, rightly or with a refusal, only a second or more after it was asked: it had
 *     been paused meanwhile
 * @param failedReads gets and ranges that were not answered in time
 * @param changes of regions by kind and end, and what the placement driver's maps showed meanwhile; by name
 * @param strikes each fault that was done
 * @param violations of invariants, and failures of a kind that no client must see
 */
public record RoundReport(
    long seed,
    Duration took,
    long acked,
    long unknown,
    long refused,
    long reads,
    long snapshotReads,
    long directReads,
    long directAsks,
    long heldReads,
    long failedReads,
    Map<String, Long> changes,
    List<Strike> strikes,
    List<String> violations) {
  /**
   * A fault done and undone.
   *
   * @param silence the longest time without an acknowledged put in any one region, from the fault until all was well
   * @param start from the undoing until all of the struck led or followed a leader again
   * @param recovery from then on until every region had served a put that began after the undoing
   */
  public record Strike(
      Fault fault, List<String> struck, Duration silence, Duration start, Duration recovery) {}

  public RoundReport {
    changes = Collections.unmodifiableMap(new TreeMap<>(changes));
    strikes = List.copyOf(strikes);
    violations = List.copyOf(violations);
  }

  public long operations() {
    return acked + unknown + refused + reads + snapshotReads + directReads + directAsks;
  }

  /** For a line of JSON. */
  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("seed", seed);
    json.put("took_ms", took.toMillis());
    counts().forEach(json::put);
    List<Map<String, Object>> faults = new ArrayList<>();
    for (Strike strike : strikes) {
      Map<String, Object> fault = new LinkedHashMap<>();
      fault.put("fault", strike.fault().name());
      fault.put("struck", strike.struck());
      fault.put("silence_ms", strike.silence().toMillis());
      fault.put("start_ms", strike.start().toMillis());
      fault.put("recovery_ms", strike.recovery().toMillis());
      faults.add(fault);
    }
    json.put("faults", faults);
    json.put("violations", violations);
    return json;
  }

  /** The numbers that can be summed over rounds. */
  public Map<String, Long> counts() {
    Map<String, Long> counts = new LinkedHashMap<>();
    counts.put("operations", operations());
    counts.put("acked", acked);
    counts.put("unknown", unknown);
    counts.put("refused", refused);
    counts.put("reads", reads);
    counts.put("snapshot_reads", snapshotReads);
    counts.put("direct_reads", directReads);
    counts.put("direct_asks", directAsks);
    counts.put("held_reads", heldReads);
    counts.put("failed_reads", failedReads);
    counts.putAll(changes);
    return counts;
  }
}
