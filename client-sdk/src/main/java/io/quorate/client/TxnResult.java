package io.quorate.client;

import io.quorate.proto.OperationResponse;
import io.quorate.proto.TxnResponse;
import java.util.List;

/**
 * A transaction was done.
 *
 * @param revision of its writes; if it wrote nothing, of the state it saw
 * @param succeeded whether all compares held, so that the first branch was taken
 * @param results one for each operation of the branch taken, in order
 */
public record TxnResult(long revision, boolean succeeded, List<OpResult> results)
    implements OpResult {
  public TxnResult {
    results = List.copyOf(results);
  }

  /** The result of a range or get in the branch taken. */
  public RangeResult range(int index) {
    return (RangeResult) results.get(index);
  }

  static TxnResult of(long revision, TxnResponse message) {
    return new TxnResult(
        revision,
        message.getSucceeded(),
        message.getResponsesList().stream().map(each -> of(revision, each)).toList());
  }

  private static OpResult of(long revision, OperationResponse message) {
    return switch (message.getKindCase()) {
      case RANGE -> RangeResult.of(revision, message.getRange());
      case PUT -> PutResult.of(revision, message.getPut());
      case DELETE_RANGE -> DeleteResult.of(revision, message.getDeleteRange());
      case TXN -> of(revision, message.getTxn());
      case KIND_NOT_SET -> throw new IllegalStateException("a transaction answered with no result");
    };
  }
}
