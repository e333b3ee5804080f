package io.quorate.region.command;

import io.quorate.model.KeyRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * If, then, else: all compares, nested ones included, and all checks are judged by the state before it; then the operations
 * of the branches taken run in order, each seeing those before it.
 *
 * @param compares all must hold
 * @param success runs if they do
 * @param failure runs if one does not
 */
public record Txn(List<Compare> compares, List<Operation> success, List<Operation> failure)
    implements Command {
  public Txn {
    compares = List.copyOf(compares);
    success = List.copyOf(success);
    failure = List.copyOf(failure);
  }

  @Override
  public boolean within(KeyRange range) {
    for (Compare compare : compares) {
      if (!compare.range().isEmpty() && !range.contains(compare.range())) {
        return false;
      }
    }
    return allWithin(success, range) && allWithin(failure, range);
  }

  private static boolean allWithin(List<Operation> operations, KeyRange range) {
    for (Operation operation : operations) {
      if (!operation.within(range)) {
        return false;
      }
    }
    return true;
  }

  /** Whether no branch of it can write. */
  public boolean isReadOnly() {
    return readsOnly(success) && readsOnly(failure);
  }

  private static boolean readsOnly(List<Operation> operations) {
    for (Operation operation : operations) {
      boolean reads =
          operation instanceof Read || (operation instanceof Txn txn && txn.isReadOnly());
      if (!reads) {
        return false;
      }
    }
    return true;
  }

  /** As it is, if no branch reads below the compacted revision; else with those reads refused where they would run. */
  public Txn refusingBelow(long compacted) {
    return readsBelow(success, compacted) || readsBelow(failure, compacted)
        ? new Txn(compares, refusing(success, compacted), refusing(failure, compacted))
        : this;
  }

  private static boolean readsBelow(List<Operation> operations, long compacted) {
    for (Operation operation : operations) {
      if (isBelow(operation, compacted)
          || (operation instanceof Txn txn
              && (readsBelow(txn.success, compacted) || readsBelow(txn.failure, compacted)))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isBelow(Operation operation, long compacted) {
    return operation instanceof Read read
        && read.query().revision() > 0
        && read.query().revision() < compacted;
  }

  private static List<Operation> refusing(List<Operation> operations, long compacted) {
    List<Operation> result = new ArrayList<>(operations.size());
    for (Operation operation : operations) {
      if (operation instanceof Txn txn) {
        result.add(txn.refusingBelow(compacted));
      } else {
        result.add(
            isBelow(operation, compacted) && operation instanceof Read read
                ? new BelowCompacted(read.query().range(), compacted)
                : operation);
      }
    }
    return result;
  }

  @Override
  public Applied apply(RegionView view, Stamp stamp) {
    Path path = decide(view);
    Optional<Refusal> refusal = path.check(view, stamp);
    if (refusal.isPresent()) {
      return Applied.refused(refusal.get());
    }
    Run run = Run.ofMany(view, stamp);
    return run.finish(path.run(run));
  }

  @Override
  public void addTouched(Consumer<KeyRange> to) {
    compares.forEach(compare -> to.accept(compare.range()));
    success.forEach(operation -> operation.addTouched(to));
    failure.forEach(operation -> operation.addTouched(to));
  }

  @Override
  public void addWritten(Consumer<KeyRange> to) {
    success.forEach(operation -> operation.addWritten(to));
    failure.forEach(operation -> operation.addWritten(to));
  }

  @Override
  public Optional<Refusal> check(RegionView before, Stamp stamp) {
    return decide(before).check(before, stamp);
  }

  @Override
  public Result run(Run run) {
    return decide(run.before()).run(run);
  }

  /** Which way it goes from this state. */
  Path decide(RegionView before) {
    boolean succeeded = true;
    for (Compare compare : compares) {
      if (!compare.holds(before)) {
        succeeded = false;
        break;
      }
    }
    List<Operation> taken = succeeded ? success : failure;
    List<Path> nested = new ArrayList<>();
    for (Operation operation : taken) {
      if (operation instanceof Txn txn) {
        nested.add(txn.decide(before));
      }
    }
    return new Path(succeeded, taken, nested);
  }

  /**
   * The branches taken.
   *
   * @param succeeded whether it was {@code success}
   * @param operations of the branch
   * @param nested of the transactions among them, in order
   */
  record Path(boolean succeeded, List<Operation> operations, List<Path> nested) {
    Optional<Refusal> check(RegionView before, Stamp stamp) {
      int inner = 0;
      for (Operation operation : operations) {
        Optional<Refusal> refusal = operation instanceof Txn
            ? nested.get(inner++).check(before, stamp)
            : operation.check(before, stamp);
        if (refusal.isPresent()) {
          return refusal;
        }
      }
      return Optional.empty();
    }

    Result run(Run run) {
      List<Result> results = new ArrayList<>(operations.size());
      int inner = 0;
      for (Operation operation : operations) {
        results.add(operation instanceof Txn ? nested.get(inner++).run(run) : operation.run(run));
      }
      return new Result.TxnDone(succeeded, results);
    }
  }
}
