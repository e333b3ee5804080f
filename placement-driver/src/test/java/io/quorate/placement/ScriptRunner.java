package io.quorate.placement;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * Runs a script of cases, each a line of input, {@code ----}, the expected answer and an empty line; lines that begin with # are
 * comments. {@code -Drewrite} writes the answers into the script instead of comparing them.
 */
public final class ScriptRunner {
  private ScriptRunner() {}

  public static void run(String script, Function<String, String> answer) throws IOException {
    Path file = Path.of("src/test/resources/scripts", script);
    List<String> lines = Files.readAllLines(file);
    StringBuilder expected = new StringBuilder();
    StringBuilder actual = new StringBuilder();
    lines.forEach(line -> expected.append(line).append('\n'));
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      actual.append(line).append('\n');
      if (i + 1 < lines.size() && lines.get(i + 1).equals("----")) {
        actual.append("----\n").append(answer.apply(line).stripTrailing()).append('\n');
        do {
          i++;
        } while (i + 1 < lines.size() && !lines.get(i + 1).isEmpty());
      }
    }
    if (System.getProperty("rewrite") != null) {
      Files.writeString(file, actual.toString());
    } else {
      assertThat(actual.toString()).isEqualTo(expected.toString());
    }
  }
}
