package io.quorate.region.command;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.region.mvcc.ByteWriter;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** An instruction about a lease, at its home or where its keys are; stands alone, never in a transaction. */
public non-sealed interface LeaseCommand extends Command {
  /** A range that can hold no key. */
  KeyRange NO_KEYS = new KeyRange(Bytes.wrap(new byte[] {0}), Bytes.wrap(new byte[] {0}));

  /** Keys that lie in the region it is for; none if the region itself judges what is its own. */
  List<Bytes> routes();

  /** What it may change of the users' keys. */
  KeyRange written();

  /** Writes it into an entry, its kind first. */
  void write(ByteWriter out);

  /** About how many bytes it takes in an entry. */
  default int weight() {
    return 64;
  }

  @Override
  default boolean within(KeyRange range) {
    return routes().stream().allMatch(range::contains);
  }

  @Override
  default void addTouched(Consumer<KeyRange> to) {
    to.accept(written());
  }

  @Override
  default void addWritten(Consumer<KeyRange> to) {
    to.accept(written());
  }

  @Override
  default Optional<Refusal> check(RegionView before, Stamp stamp) {
    return Optional.empty();
  }

  @Override
  Applied apply(RegionView view, Stamp stamp);

  @Override
  default Result run(Run run) {
    throw new IllegalStateException("a command about a lease inside a transaction");
  }
}
