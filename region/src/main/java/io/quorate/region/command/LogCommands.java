package io.quorate.region.command;

import io.quorate.model.RegionEpoch;
import java.util.List;

/**
 * What one log entry holds: several commands, each with its own revision.
 *
 * @param ruleVersion by which rules every replica applies it
 * @param epoch of the region at its proposer
 * @param commands in the order of their stamps
 */
public record LogCommands(int ruleVersion, RegionEpoch epoch, List<Stamped> commands)
    implements RegionEntry {
  /** The rules of this build: writes have names. */
  public static final int RULES = 2;

  /** Of builds before: no write has a name. */
  static final int NAMELESS_RULES = 1;

  public LogCommands {
    commands = List.copyOf(commands);
  }

  public static LogCommands of(RegionEpoch epoch, List<Stamped> commands) {
    return new LogCommands(RULES, epoch, commands);
  }
}
