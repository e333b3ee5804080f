package io.quorate.client;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Wire;
import io.quorate.proto.DeleteRangeRequest;
import io.quorate.proto.Operation;
import io.quorate.proto.PutRequest;
import java.util.function.Consumer;

/** One operation of a transaction's branch. */
public sealed interface TxnOp {
  static TxnOp put(Bytes key, Bytes value) {
    return new Put(key, value, PutOptions.DEFAULT);
  }

  static TxnOp put(Bytes key, Bytes value, PutOptions options) {
    return new Put(key, value, options);
  }

  static TxnOp get(Bytes key) {
    return new Range(KeyRange.single(key), RangeOptions.DEFAULT);
  }

  static TxnOp range(KeyRange range, RangeOptions options) {
    return new Range(range, options);
  }

  static TxnOp delete(Bytes key) {
    return new Delete(KeyRange.single(key), DeleteOptions.DEFAULT);
  }

  static TxnOp delete(KeyRange range, DeleteOptions options) {
    return new Delete(range, options);
  }

  static TxnOp txn(Txn nested) {
    return new Nested(nested);
  }

  Operation message();

  /** Whether it can change anything. */
  boolean writes();

  /** Shows every range of keys that it reads or writes. */
  void ranges(Consumer<KeyRange> to);

  /** Puts a key. */
  record Put(Bytes key, Bytes value, PutOptions options) implements TxnOp {
    @Override
    public Operation message() {
      return Operation.newBuilder().setPut(request(key, value, options)).build();
    }

    @Override
    public boolean writes() {
      return true;
    }

    @Override
    public void ranges(Consumer<KeyRange> to) {
      to.accept(KeyRange.single(key));
    }

    static PutRequest request(Bytes key, Bytes value, PutOptions options) {
      PutRequest.Builder request =
          PutRequest.newBuilder().setKey(key.toByteString()).setValue(value.toByteString());
      return request
          .setLease(options.lease())
          .setPrevious(options.previous())
          .setIgnoreValue(options.ignoreValue())
          .setIgnoreLease(options.ignoreLease())
          .build();
    }
  }

  /** Reads keys; it sees the operations before it. */
  record Range(KeyRange range, RangeOptions options) implements TxnOp {
    @Override
    public Operation message() {
      return Operation.newBuilder().setRange(options.request(Wire.range(range))).build();
    }

    @Override
    public boolean writes() {
      return false;
    }

    @Override
    public void ranges(Consumer<KeyRange> to) {
      to.accept(range);
    }
  }

  /** Deletes keys. */
  record Delete(KeyRange range, DeleteOptions options) implements TxnOp {
    @Override
    public Operation message() {
      return Operation.newBuilder().setDeleteRange(request(range, options)).build();
    }

    @Override
    public boolean writes() {
      return true;
    }

    @Override
    public void ranges(Consumer<KeyRange> to) {
      to.accept(range);
    }

    static DeleteRangeRequest request(KeyRange range, DeleteOptions options) {
      return DeleteRangeRequest.newBuilder()
          .setRange(Wire.range(range))
          .setPrevious(options.previous())
          .build();
    }
  }

  /** A transaction inside a transaction. */
  record Nested(Txn txn) implements TxnOp {
    @Override
    public Operation message() {
      return Operation.newBuilder().setTxn(txn.message()).build();
    }

    @Override
    public boolean writes() {
      return txn.writes();
    }

    @Override
    public void ranges(Consumer<KeyRange> to) {
      txn.ranges(to);
    }
  }
}
