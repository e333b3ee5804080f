package io.quorate.cli;

import io.quorate.proto.OperatorStatus;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How operators are printed, as a table or as JSON. Pure. */
final class OperatorTable {
  private OperatorTable() {}

  static void print(Output output, List<OperatorStatus> operators) {
    output.print(operators.stream().map(OperatorTable::json).toList(), out -> {
      out.printf(
          "%-8s %-8s %-10s %-30s %-7s %s%n", "number", "region", "state", "by", "ms", "steps");
      for (OperatorStatus each : operators) {
        boolean runs = each.getState() == OperatorStatus.State.RUNNING;
        out.printf(
            "%-8d %-8d %-10s %-30s %-7d %s%n",
            each.getNumber(),
            each.getRegionId(),
            each.getState(),
            each.getPlannedBy(),
            runs ? each.getAgeMs() : each.getTookMs(),
            steps(each));
        out.printf(
            "  %s%s%n", each.getWhy(), each.getNote().isEmpty() ? "" : "; " + each.getNote());
      }
    });
  }

  /** The steps in their order; the one under way is marked. */
  private static String steps(OperatorStatus operator) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < operator.getStepsCount(); i++) {
      boolean underWay =
          operator.getState() == OperatorStatus.State.RUNNING && i == operator.getStep();
      text.append(i == 0 ? "" : ", ").append(underWay ? "> " : "").append(operator.getSteps(i));
    }
    return text.toString();
  }

  private static Map<String, Object> json(OperatorStatus operator) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("number", operator.getNumber());
    json.put("region", operator.getRegionId());
    json.put("state", operator.getState().name());
    json.put("by", operator.getPlannedBy());
    json.put("why", operator.getWhy());
    json.put("steps", List.copyOf(operator.getStepsList()));
    json.put("step", operator.getStep());
    json.put("note", operator.getNote());
    json.put("age_ms", operator.getAgeMs());
    json.put("took_ms", operator.getTookMs());
    return json;
  }
}
