package io.quorate.client.txn;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.Compare;
import io.quorate.client.DeleteOptions;
import io.quorate.client.KeyValue;
import io.quorate.client.PutOptions;
import io.quorate.client.RangeOptions;
import io.quorate.client.RangeResult;
import io.quorate.client.SortOrder;
import io.quorate.client.SortTarget;
import io.quorate.client.Txn;
import io.quorate.client.TxnModel;
import io.quorate.client.TxnOp;
import io.quorate.client.TxnResult;
import io.quorate.client.sim.SimKeyspace;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.PutRequest;
import io.quorate.testing.Seeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Goal: a transaction that is read, run and written in pieces answers and leaves what one that is done in one place does. Method:
 * random transactions, nested ones too, over few keys; the model is the naive keyspace, which does them at once.
 */
class TxnRunProperties {
  private static final int KEYS = 8;

  @Seeds(3000)
  void inPiecesAsAtOnce(long seed) {
    Random random = new Random(seed);
    SimKeyspace keyspace = new SimKeyspace();
    for (int i = 0; i < random.nextInt(20); i++) {
      var unused = keyspace.put(
          PutRequest.newBuilder()
              .setKey(key(random).toByteString())
              .setValue(value(random).toByteString())
              .build(),
          keyspace.nextRevisions(1));
    }
    Txn txn = txn(random, 2);
    if (TxnRules.check(txn).isPresent()) {
      return;
    }
    long start = keyspace.revision();
    StartState state = new StartState();
    fetch(TxnReads.ofCompares(txn), state, keyspace, start);
    TxnPath path = TxnPath.of(txn, state::meets);
    Map<Integer, RangeResult> direct = fetch(TxnReads.ofPath(path), state, keyspace, start);
    if (TxnRun.check(path, state).isPresent()) {
      return;
    }
    List<KeyWrite> writes = TxnRun.run(path, state, direct, start).writes();
    long at = keyspace.nextRevisions(1);
    TxnResult mine = TxnRun.run(path, state, direct, at).result();
    SimKeyspace touched = keyspace;
    TxnResult whole = TxnModel.run(touched, txn, at);
    assertThat(mine).isEqualTo(whole);
    assertThat(writes).isEqualTo(TxnRun.run(path, state, direct, at).writes());
    for (KeyWrite write : writes) {
      var left = touched.get(write.key(), at);
      assertThat(left.isPresent()).isEqualTo(write.value() != null);
      left.ifPresent(kv -> assertThat(KeyValue.of(kv).value()).isEqualTo(write.value()));
    }
    assertThat(writes.stream().map(KeyWrite::key)).doesNotHaveDuplicates();
    assertThat(writes.stream().map(KeyWrite::sub))
        .containsExactlyElementsOf(
            java.util.stream.IntStream.range(0, writes.size()).boxed().toList());
  }

  private static Map<Integer, RangeResult> fetch(
      TxnReads reads, StartState into, SimKeyspace keyspace, long start) {
    reads.whole().forEach((range, values) -> {
      RangeOptions options = values ? RangeOptions.DEFAULT : RangeOptions.DEFAULT.withKeysOnly();
      into.add(TxnModel.range(keyspace, range, options, start).kvs(), values);
    });
    Map<Integer, RangeResult> direct = new HashMap<>();
    reads
        .direct()
        .forEach(each -> direct.put(
            each.place(), TxnModel.range(keyspace, each.range(), each.options(), start)));
    return direct;
  }

  private static Bytes key(Random random) {
    return Bytes.utf8("k" + random.nextInt(KEYS));
  }

  private static Bytes value(Random random) {
    return Bytes.utf8("v" + random.nextInt(3));
  }

  private static <T> T any(Random random, T[] of) {
    return of[random.nextInt(of.length)];
  }

  private static KeyRange range(Random random) {
    return random.nextBoolean()
        ? KeyRange.single(key(random))
        : KeyRange.of(key(random), random.nextInt(4) == 0 ? Bytes.EMPTY : key(random));
  }

  private static Txn txn(Random random, int depth) {
    List<Compare> compares = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      Compare.Target target = any(random, Compare.Target.values());
      Compare.Relation relation = any(random, Compare.Relation.values());
      KeyRange range = range(random);
      // The model calls an absent value an empty one.
      boolean value = target == Compare.Target.VALUE;
      compares.add(new Compare(
          range,
          value ? Compare.Target.VERSION : target,
          relation,
          random.nextInt(4),
          Bytes.EMPTY));
    }
    return new Txn(compares, operations(random, depth), operations(random, depth));
  }

  private static List<TxnOp> operations(Random random, int depth) {
    List<TxnOp> operations = new ArrayList<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      switch (random.nextInt(depth > 0 ? 5 : 4)) {
        case 0 -> operations.add(TxnOp.put(key(random), value(random), put(random)));
        case 1 ->
          operations.add(TxnOp.delete(
              range(random),
              random.nextBoolean() ? DeleteOptions.DEFAULT : DeleteOptions.DEFAULT.withPrevious()));
        case 2, 3 -> operations.add(TxnOp.range(range(random), options(random)));
        default -> operations.add(TxnOp.txn(txn(random, depth - 1)));
      }
    }
    return operations;
  }

  private static PutOptions put(Random random) {
    return random.nextBoolean() ? PutOptions.DEFAULT : PutOptions.DEFAULT.withPrevious();
  }

  private static RangeOptions options(Random random) {
    RangeOptions options = RangeOptions.DEFAULT.withLimit(random.nextInt(3));
    if (random.nextInt(3) == 0) {
      options = options.sortedBy(
          any(random, SortTarget.values()),
          random.nextBoolean() ? SortOrder.ASCENDING : SortOrder.DESCENDING);
    }
    return switch (random.nextInt(4)) {
      case 0 -> options.withKeysOnly();
      case 1 -> options.withCountOnly();
      default -> options;
    };
  }
}
