package io.quorate.region.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A text file of cases: what is done, a line of dashes, what must come of it, an empty line. Lines that start with # explain.
 * {@code -Drewrite} writes what came of it into the file instead.
 */
final class Script {
  private static final Path DIRECTORY = Path.of("src/test/resources/scripts");
  private static final String LINE = "----";

  private Script() {}

  /** Runs the cases of a file in order; each is given its lines. */
  static void run(String name, Function<List<String>, String> each) throws IOException {
    Path file = DIRECTORY.resolve(name);
    List<String> lines = Files.readAllLines(file);
    List<String> written = new ArrayList<>();
    int at = 0;
    while (at < lines.size()) {
      if (lines.get(at).isBlank() || lines.get(at).startsWith("#")) {
        written.add(lines.get(at++));
        continue;
      }
      List<String> input = new ArrayList<>();
      while (at < lines.size() && !lines.get(at).equals(LINE)) {
        input.add(lines.get(at++));
      }
      at++;
      List<String> expected = new ArrayList<>();
      while (at < lines.size() && !lines.get(at).isBlank()) {
        expected.add(lines.get(at++));
      }
      String actual = each.apply(input).strip();
      if (System.getProperty("rewrite") == null) {
        assertThat(actual)
            .as("%s: %s", name, String.join("; ", input))
            .isEqualTo(String.join("\n", expected));
      }
      written.addAll(input);
      written.add(LINE);
      written.addAll(List.of(actual.split("\n")));
    }
    if (System.getProperty("rewrite") != null) {
      Files.write(file, written);
    }
  }
}
