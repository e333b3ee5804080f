package io.quorate.region.command;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.List;
import java.util.Optional;

/**
 * What is remembered of named writes: the versions they wrote bear their names; of a repeat that wrote nothing, and yet was
 * answered for good, there is a mark. Nothing is kept of a write sent once that wrote nothing: doing it later is as good.
 */
public interface PastWrites {
  /** Remembers nothing. */
  PastWrites NONE = (name, command) -> Optional.empty();

  /**
   * Finds what became of a write; exact for all that came after {@link WriteName#after()}, if that is not below the floor.
   *
   * @param command that the name is of: where it may write, a version would be
   */
  Optional<PastWrite> find(WriteName name, Command command);

  /** The key that a mark lies at, so that it goes where the key goes; empty if nothing can be written. */
  static Optional<Bytes> place(List<KeyRange> written) {
    return written.stream().filter(range -> !range.isEmpty()).findFirst().map(KeyRange::start);
  }
}
