package io.quorate.region.command;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.region.mvcc.ByteWriter;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** An instruction of a transaction over several regions; stands alone, never inside another command. */
public non-sealed interface TransactionCommand extends Command {
  /** Keys that lie in the region it is for. */
  List<Bytes> routes();

  /** Ranges that lie in the region it is for. */
  List<KeyRange> reaches();

  /**
   * Whether it writes at a revision that the region draws. The others write at a revision of their own, or nothing; for the order
   * they keep what holds them back from reads is their locks.
   */
  default boolean isStamped() {
    return false;
  }

  /** The greatest revision that its sender says was handed out; 0 if it names none. */
  long claims();

  /** Writes it into an entry, its kind first. */
  void write(ByteWriter out);

  /** About how many bytes it takes in an entry. */
  int weight();

  @Override
  default void addTouched(Consumer<KeyRange> to) {
    routes().forEach(key -> to.accept(KeyRange.single(key)));
    reaches().forEach(to);
  }

  @Override
  default void addWritten(Consumer<KeyRange> to) {}

  @Override
  default Optional<Refusal> check(RegionView before, Stamp stamp) {
    return Optional.empty();
  }

  @Override
  Applied apply(RegionView view, Stamp stamp);

  @Override
  default Result run(Run run) {
    throw new IllegalStateException("a command of one transaction inside another");
  }
}
