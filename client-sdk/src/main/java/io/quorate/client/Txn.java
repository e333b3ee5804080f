package io.quorate.client;

import io.quorate.model.KeyRange;
import io.quorate.proto.TxnRequest;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * If all compares hold, do one list of operations, else the other; as one, at one revision.
 *
 * @param compares all must hold; none always hold
 * @param success done if they hold
 * @param failure done if they do not
 */
public record Txn(List<Compare> compares, List<TxnOp> success, List<TxnOp> failure) {
  public Txn {
    compares = List.copyOf(compares);
    success = List.copyOf(success);
    failure = List.copyOf(failure);
  }

  /** Whether any branch can change anything. */
  public boolean writes() {
    return Stream.concat(success.stream(), failure.stream()).anyMatch(TxnOp::writes);
  }

  void ranges(Consumer<KeyRange> to) {
    compares.forEach(compare -> to.accept(compare.range()));
    success.forEach(op -> op.ranges(to));
    failure.forEach(op -> op.ranges(to));
  }

  TxnRequest message() {
    TxnRequest.Builder request = TxnRequest.newBuilder();
    compares.forEach(compare -> request.addCompares(compare.message()));
    success.forEach(op -> request.addSuccess(op.message()));
    failure.forEach(op -> request.addFailure(op.message()));
    return request.build();
  }
}
