package io.quorate.client.txn;

import io.quorate.client.DeleteResult;
import io.quorate.client.KeyValue;
import io.quorate.client.OpResult;
import io.quorate.client.PutResult;
import io.quorate.client.RangeResult;
import io.quorate.client.RefusedException;
import io.quorate.client.TxnOp;
import io.quorate.client.TxnResult;
import io.quorate.model.Bytes;
import io.quorate.proto.RefusalCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs the branches that a transaction takes, as etcd does (etcd server/etcdserver/txn/txn.go): operations in order, each seeing
 * those before it. What it writes does not depend on the revision it runs at; what it answers does. Pure; one use.
 */
final class TxnRun {
  private final StartState state;
  private final Map<Integer, RangeResult> direct;
  private final long revision;
  private final OwnWrites own = new OwnWrites();
  private final List<KeyWrite> writes = new ArrayList<>();
  private int place;

  private TxnRun(StartState state, Map<Integer, RangeResult> direct, long revision) {
    this.state = state;
    this.direct = direct;
    this.revision = revision;
  }

  /**
   * What it came to.
   *
   * @param writes in the order of their sub-numbers
   */
  record Ran(TxnResult result, List<KeyWrite> writes) {}

  /**
   * Runs a path whose reads are there.
   *
   * @param direct answers by place of the operation
   * @param revision that its writes get
   */
  static Ran run(TxnPath path, StartState state, Map<Integer, RangeResult> direct, long revision) {
    TxnRun run = new TxnRun(state, direct, revision);
    TxnResult result = run.run(path);
    return new Ran(result, run.writes);
  }

  /** Why the path cannot be run, judged by the state before it. */
  static Optional<RefusedException> check(TxnPath path, StartState state) {
    List<RefusedException> refused = new ArrayList<>(1);
    path.forEach(op -> {
      if (refused.isEmpty()
          && op instanceof TxnOp.Put put
          && (put.options().ignoreValue() || put.options().ignoreLease())
          && state.find(put.key()).isEmpty()) {
        TxnRules.refusal(RefusalCode.KEY_NOT_FOUND, "etcdserver: key not found")
            .ifPresent(refused::add);
      }
    });
    return refused.stream().findFirst();
  }

  private TxnResult run(TxnPath path) {
    List<OpResult> results = new ArrayList<>(path.operations().size());
    int inner = 0;
    for (TxnOp op : path.operations()) {
      if (op instanceof TxnOp.Nested) {
        results.add(run(path.nested().get(inner++)));
      } else {
        results.add(runOne(op));
        place++;
      }
    }
    return new TxnResult(revision, path.succeeded(), results);
  }

  private OpResult runOne(TxnOp op) {
    if (op instanceof TxnOp.Put put) {
      return put(put);
    }
    if (op instanceof TxnOp.Delete delete) {
      return delete(delete);
    }
    TxnOp.Range read = (TxnOp.Range) op;
    RangeResult found = direct.get(place);
    return found == null
        ? RangeSelection.of(
            own.over(read.range(), state.in(read.range())), read.options(), revision)
        : new RangeResult(revision, found.kvs(), found.more(), found.count());
  }

  private Optional<KeyValue> newest(Bytes key) {
    return own.wrote(key) ? own.find(key) : state.find(key);
  }

  private PutResult put(TxnOp.Put put) {
    Optional<KeyValue> before = newest(put.key());
    Bytes value =
        put.options().ignoreValue() ? before.map(KeyValue::value).orElse(Bytes.EMPTY) : put.value();
    long lease = put.options().ignoreLease()
        ? before.map(KeyValue::lease).orElse(0L)
        : put.options().lease();
    own.put(new KeyValue(
        put.key(),
        value,
        before.map(KeyValue::createRevision).orElse(revision),
        revision,
        before.map(KeyValue::version).orElse(0L) + 1,
        lease));
    writes.add(new KeyWrite(put.key(), value, lease, writes.size()));
    return new PutResult(revision, put.options().previous() ? before : Optional.empty());
  }

  private DeleteResult delete(TxnOp.Delete delete) {
    List<KeyValue> doomed = own.over(delete.range(), state.in(delete.range()));
    for (KeyValue kv : doomed) {
      own.delete(kv.key());
      writes.add(new KeyWrite(kv.key(), null, 0, writes.size()));
    }
    return new DeleteResult(
        revision, doomed.size(), delete.options().previous() ? doomed : List.of());
  }
}
