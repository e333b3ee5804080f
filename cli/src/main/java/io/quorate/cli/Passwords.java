package io.quorate.cli;

import java.io.Console;

/** Where a password comes from: the command line, the environment, or who sits there. Thread: main. */
final class Passwords {
  private static final String VARIABLE = "QUORATE_PASSWORD";

  private Passwords() {}

  /** The name in {@code NAME[:PASSWORD]}. */
  static String name(String user) {
    int colon = user.indexOf(':');
    return colon < 0 ? user : user.substring(0, colon);
  }

  /** The password in {@code NAME[:PASSWORD]}, or that of the environment, or what is typed. */
  static String of(String user) {
    String given = System.getenv(VARIABLE);
    if (user.indexOf(':') >= 0) {
      return user.substring(user.indexOf(':') + 1);
    } else if (given != null) {
      return given;
    }
    return typed("Password of " + user + ": ");
  }

  /** A password for somebody, not seen while it is typed; twice, so that it is not mistyped. */
  static String chosen(String user) {
    if (user.indexOf(':') >= 0) {
      return user.substring(user.indexOf(':') + 1);
    }
    String first = typed("New password of " + user + ": ");
    if (!first.equals(typed("Once more: "))) {
      throw new IllegalArgumentException("the two passwords differ");
    }
    return first;
  }

  @SuppressWarnings("SystemConsoleNull") // It is null on 17.
  private static String typed(String prompt) {
    Console console = System.console();
    char[] typed = console == null ? null : console.readPassword("%s", prompt);
    if (typed == null) {
      throw new IllegalArgumentException(
          "nobody is there to type a password: give it as NAME:PASSWORD, or in " + VARIABLE);
    }
    return new String(typed);
  }
}
