package io.quorate.region.storage;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.region.command.Command;
import io.quorate.region.command.Compare;
import io.quorate.region.command.DeleteRange;
import io.quorate.region.command.Operation;
import io.quorate.region.command.Put;
import io.quorate.region.command.Read;
import io.quorate.region.command.Txn;
import io.quorate.region.command.Validation;
import io.quorate.region.mvcc.RangeQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Draws commands and queries over few keys, among them short, long, zero-ridden and all-ones ones. */
public final class Commands {
  private final Random random;
  private final Bytes prefix;
  private final List<Bytes> keys;

  /** Keys lie under the prefix. */
  public Commands(Random random, Bytes prefix) {
    this.random = random;
    this.prefix = prefix;
    this.keys = List.of(
        key("a"),
        key("b"),
        key("c"),
        key("aa"),
        key("a\0"),
        key("a\0\1"),
        key("\0"),
        key("\0\0"),
        key("b/" + "x".repeat(40)),
        key("b/" + "x".repeat(40) + "y"),
        key("b/" + "x".repeat(41)),
        prefix.concat(Bytes.fromHex("ff")),
        prefix.concat(Bytes.fromHex("ffff")));
  }

  private Bytes key(String text) {
    return prefix.concat(Bytes.utf8(text));
  }

  public List<Bytes> keys() {
    return keys;
  }

  public Bytes key() {
    return keys.get(random.nextInt(keys.size()));
  }

  private Bytes value() {
    return random.nextInt(8) == 0
        ? Bytes.EMPTY
        : Bytes.utf8("v" + random.nextInt(5) + ".".repeat(random.nextInt(120)));
  }

  /** Any valid command. */
  public Command command(long revision) {
    while (true) {
      Command command = switch (random.nextInt(8)) {
        case 0, 1, 2, 3 -> put();
        case 4 -> new DeleteRange(range(), random.nextBoolean());
        default -> txn(revision, 2);
      };
      if (Validation.check(command).isEmpty()) {
        return command;
      }
    }
  }

  public Put put() {
    boolean odd = random.nextInt(6) == 0;
    boolean ignoreValue = odd && random.nextBoolean();
    return new Put(
        key(),
        ignoreValue ? Bytes.EMPTY : value(),
        random.nextInt(40) == 0 ? 7 : 0,
        random.nextBoolean(),
        ignoreValue,
        false);
  }

  public KeyRange range() {
    return switch (random.nextInt(6)) {
      case 0 -> KeyRange.prefix(prefix);
      case 1, 2 -> KeyRange.of(key(), key());
      case 3 -> KeyRange.of(key(), prefix.prefixEnd());
      default -> KeyRange.single(key());
    };
  }

  private Txn txn(long revision, int depth) {
    List<Compare> compares = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      compares.add(new Compare(
          range(),
          pick(Compare.Target.values()),
          pick(Compare.Relation.values()),
          random.nextInt(3) == 0 ? revision - random.nextInt(20) : random.nextInt(3),
          value()));
    }
    return new Txn(compares, operations(revision, depth), operations(revision, depth));
  }

  private List<Operation> operations(long revision, int depth) {
    List<Operation> operations = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      operations.add(
          switch (random.nextInt(6)) {
            case 0, 1 -> put();
            case 2 -> new DeleteRange(range(), random.nextBoolean());
            case 3 -> depth > 0 ? txn(revision, depth - 1) : put();
            default -> new Read(query(random.nextInt(4) == 0 ? revision - random.nextInt(9) : 0));
          });
    }
    return operations;
  }

  /** A query without pages. */
  public RangeQuery query(long revision) {
    return new RangeQuery(
        range(),
        Math.max(0, revision),
        random.nextInt(3) == 0 ? 1 + random.nextInt(6) : 0,
        pick(RangeQuery.Target.values()),
        pick(RangeQuery.Order.values()),
        random.nextInt(4) == 0,
        random.nextInt(6) == 0,
        filter(revision),
        filter(revision),
        filter(revision),
        filter(revision),
        0,
        random.nextInt(6) == 0);
  }

  private long filter(long revision) {
    return random.nextInt(8) == 0 ? Math.max(0, revision - random.nextInt(20)) : 0;
  }

  private <E> E pick(E[] all) {
    return all[random.nextInt(all.length)];
  }
}
