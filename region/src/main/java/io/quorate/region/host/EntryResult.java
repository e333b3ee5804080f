package io.quorate.region.host;

import io.quorate.region.command.Outcome;
import java.util.List;

/**
 * What the state machine answers for one log entry.
 *
 * @param index of the entry
 * @param outcomes of its commands, in order
 */
record EntryResult(long index, List<Outcome> outcomes) {}
