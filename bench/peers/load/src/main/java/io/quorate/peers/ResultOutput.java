package io.quorate.peers;

import java.io.PrintStream;

/** The process's standard output, kept for result lines: once it is claimed, libraries that print get standard error. */
public final class ResultOutput {
  private final PrintStream standardOutput;

  private ResultOutput(PrintStream standardOutput) {
    this.standardOutput = standardOutput;
  }

  /** Takes standard output away from everybody else; to be called once, before a library is touched. */
  public static ResultOutput claim() {
    PrintStream standardOutput = System.out;
    System.setOut(System.err);
    return new ResultOutput(standardOutput);
  }

  /** Prints a result. */
  public void print(JsonLine line) {
    standardOutput.println(line);
  }
}
