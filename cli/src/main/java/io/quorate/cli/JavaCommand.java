package io.quorate.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How to start another process of this program, by the launcher where there is one, so that its JVM gets the right options.
 *
 * @param prefix the command line up to the program's own arguments
 */
record JavaCommand(List<String> prefix) {
  /** Keeps a terminal's Ctrl-C and hang-up away from what shall outlive the command. */
  private static final Path SETSID = Path.of("/usr/bin/setsid");

  JavaCommand {
    prefix = List.copyOf(prefix);
  }

  /** As this process was started itself. */
  static JavaCommand likeThisProcess() {
    List<String> prefix = new ArrayList<>();
    if (Files.isExecutable(SETSID)) {
      prefix.add(SETSID.toString());
    }
    Optional<Path> launcher = Optional.ofNullable(System.getProperty("quorate.home"))
        .map(home -> Path.of(home, "quorate"))
        .filter(Files::isExecutable);
    if (launcher.isPresent()) {
      prefix.add(launcher.get().toString());
    } else {
      prefix.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      if (Runtime.version().feature() >= 24) {
        prefix.add("--enable-native-access=ALL-UNNAMED");
      }
      prefix.addAll(List.of(
          "-Xmx256m", "-cp", System.getProperty("java.class.path"), Quorate.class.getName()));
    }
    return new JavaCommand(prefix);
  }

  List<String> quorate(List<String> arguments) {
    List<String> line = new ArrayList<>(prefix);
    line.addAll(arguments);
    return line;
  }
}
