package io.quorate.cli;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Options from a properties file, {@code name=value} with the long options' names: what the command line does not say is
 * looked up here, and what is not here has its default. A name that the command does not know is an error, not ignored.
 */
final class ConfigFile implements IDefaultValueProvider {
  private static final String OPTION = "--config";

  private final Properties properties;

  private ConfigFile(Properties properties) {
    this.properties = properties;
  }

  /**
   * Reads the file that the arguments name, if they name one.
   *
   * @throws IllegalArgumentException if it cannot be read
   */
  static Optional<ConfigFile> named(List<String> arguments) {
    return path(arguments).map(ConfigFile::read);
  }

  private static Optional<Path> path(List<String> arguments) {
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (argument.startsWith(OPTION + "=")) {
        return Optional.of(Path.of(argument.substring(OPTION.length() + 1)));
      }
      if (argument.equals(OPTION) && i + 1 < arguments.size()) {
        return Optional.of(Path.of(arguments.get(i + 1)));
      }
    }
    return Optional.empty();
  }

  private static ConfigFile read(Path file) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "config file " + file + " cannot be read (" + e + "): check --config");
    }
    return new ConfigFile(properties);
  }

  /**
   * Makes the file the source of defaults of the command that takes it.
   *
   * @throws IllegalArgumentException if the file names an option that the command does not have
   */
  void applyTo(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    for (String name : properties.stringPropertyNames()) {
      if (spec.findOption("--" + name) == null) {
        throw new IllegalArgumentException("the config file sets '" + name
            + "', which is no option of '" + spec.qualifiedName() + "': see its --help");
      }
    }
    command.setDefaultValueProvider(this);
  }

  @Override
  public @Nullable String defaultValue(ArgSpec argument) {
    if (argument instanceof OptionSpec option) {
      // An option may have several names; the file may use any of them.
      for (String name : option.names()) {
        String value = properties.getProperty(name.replaceFirst("^--", ""));
        if (value != null) {
          return value;
        }
      }
    }
    return argument.defaultValue();
  }
}
