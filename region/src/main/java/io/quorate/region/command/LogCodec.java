package io.quorate.region.command;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionEpoch;
import io.quorate.region.lease.LeaseCodec;
import io.quorate.region.mvcc.ByteReader;
import io.quorate.region.mvcc.ByteWriter;
import io.quorate.region.mvcc.KeyVersion;
import io.quorate.region.mvcc.RangeQuery;
import io.quorate.region.mvcc.Version;
import io.quorate.region.transaction.TransactionCodec;
import java.util.ArrayList;
import java.util.List;

/**
 * How a log entry is written: {@code format ‖ rule version ‖ epoch ‖ commands ‖ checksum}. A format or rule version that
 * this build does not know stops the region: guessing would make replicas differ. Stateless.
 */
public final class LogCodec {
  /** Of commands; what steers the region is written by {@link ControlCodec}. */
  static final int FORMAT = 1;

  private static final int PUT = 1;
  private static final int DELETE = 2;
  private static final int READ = 3;
  private static final int TXN = 4;
  private static final int BELOW_COMPACTED = 20;
  private static final int RESTORE = 21;

  // The places in these lists are what is written: they never change, new choices come last.
  private static final List<Compare.Target> TARGETS = List.of(
      Compare.Target.VERSION,
      Compare.Target.CREATE,
      Compare.Target.MOD,
      Compare.Target.VALUE,
      Compare.Target.LEASE);
  private static final List<Compare.Relation> RELATIONS = List.of(
      Compare.Relation.EQUAL,
      Compare.Relation.GREATER,
      Compare.Relation.LESS,
      Compare.Relation.NOT_EQUAL);
  private static final List<RangeQuery.Target> SORT_TARGETS = List.of(
      RangeQuery.Target.KEY,
      RangeQuery.Target.VERSION,
      RangeQuery.Target.CREATE,
      RangeQuery.Target.MOD,
      RangeQuery.Target.VALUE);
  private static final List<RangeQuery.Order> SORT_ORDERS =
      List.of(RangeQuery.Order.NONE, RangeQuery.Order.ASCEND, RangeQuery.Order.DESCEND);

  private LogCodec() {}

  public static byte[] encode(LogCommands entry) {
    int estimate = 32;
    for (Stamped stamped : entry.commands()) {
      estimate += weight(stamped.command());
    }
    ByteWriter out = new ByteWriter(estimate);
    out.putByte(FORMAT)
        .putVarint(entry.ruleVersion())
        .putVarint(entry.epoch().version())
        .putVarint(entry.epoch().membership())
        .putVarint(entry.commands().size());
    for (Stamped stamped : entry.commands()) {
      out.putVarint(stamped.revision())
          .putVarint(stamped.epochVersion())
          .putVarint(stamped.name().sequence());
      if (stamped.name().isNamed()) {
        write(out, stamped.name());
      }
      write(out, stamped.command());
    }
    return out.putChecksum(0).toByteArray();
  }

  /** As {@link #decode(byte[])}, of any entry. */
  public static RegionEntry decodeAny(byte[] entry) {
    return ControlCodec.isControl(entry) ? ControlCodec.decode(entry) : decode(entry);
  }

  /**
   * Reads an entry of commands.
   *
   * @throws IllegalStateException if it is damaged, or of a format or rule version that this build does not know
   */
  public static LogCommands decode(byte[] entry) {
    ByteReader in = new ByteReader(entry, "log entry");
    int format = in.takeByte();
    if (format != FORMAT) {
      throw in.damaged("format " + format + " is unknown to this build; run a newer one");
    }
    in.checkWhole();
    long rules = in.takeVarint();
    if (rules != LogCommands.RULES && rules != LogCommands.NAMELESS_RULES) {
      throw in.damaged("rule version " + rules + " is unknown to this build; run a newer one");
    }
    RegionEpoch epoch = new RegionEpoch(in.takeVarint(), in.takeVarint());
    int count = in.takeCount();
    List<Stamped> commands = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      long revision = in.takeVarint();
      long epochVersion = in.takeVarint();
      WriteName name = rules == LogCommands.NAMELESS_RULES ? skipName(in) : readName(in);
      if (!(readOperation(in) instanceof Command command)) {
        throw in.damaged("a read that is no command");
      }
      commands.add(new Stamped(revision, epochVersion, name, command));
    }
    if (!in.isDone()) {
      throw in.damaged("bytes are left over");
    }
    return new LogCommands((int) rules, epoch, commands);
  }

  private static void write(ByteWriter out, WriteName name) {
    out.putByte(name.repeated() ? 1 : 0).putLong(name.client()).putVarint(name.after());
  }

  private static WriteName readName(ByteReader in) {
    long sequence = in.takeVarint();
    if (sequence == 0) {
      return WriteName.NONE;
    }
    boolean repeated = in.takeByte() != 0;
    return new WriteName(in.takeLong(), sequence, in.takeVarint(), repeated);
  }

  /** Client and sequence, by which nothing was judged. */
  private static WriteName skipName(ByteReader in) {
    in.takeLong();
    in.takeVarint();
    return WriteName.NONE;
  }

  /** About how many bytes the command takes in an entry: for the limits of batches. */
  public static int weight(Operation operation) {
    if (operation instanceof Put put) {
      return 48 + put.key().length() + put.value().length();
    }
    if (operation instanceof DeleteRange delete) {
      return 48 + weight(delete.range());
    }
    if (operation instanceof Read read) {
      return 64 + weight(read.query().range());
    }
    if (operation instanceof LeaseCommand lease) {
      return lease.weight();
    }
    if (operation instanceof TransactionCommand transaction) {
      return transaction.weight();
    }
    int weight = 48;
    if (operation instanceof Restore restore) {
      for (KeyVersion kv : restore.kvs()) {
        weight += 32 + kv.key().length() + kv.version().value().length();
      }
    }
    if (operation instanceof Txn txn) {
      for (Compare compare : txn.compares()) {
        weight += 32 + weight(compare.range()) + compare.value().length();
      }
      for (Operation inner : txn.success()) {
        weight += weight(inner);
      }
      for (Operation inner : txn.failure()) {
        weight += weight(inner);
      }
    }
    return weight;
  }

  private static int weight(KeyRange range) {
    return range.start().length() + range.end().length();
  }

  private static void write(ByteWriter out, Operation operation) {
    if (operation instanceof Put put) {
      out.putByte(PUT)
          .putByte(flags(put.previous(), put.ignoreValue(), put.ignoreLease()))
          .putBytes(put.key())
          .putBytes(put.value())
          .putVarint(put.lease());
    } else if (operation instanceof DeleteRange delete) {
      out.putByte(DELETE).putByte(flags(delete.previous(), false, false));
      write(out, delete.range());
    } else if (operation instanceof Read read) {
      out.putByte(READ);
      write(out, read.query());
    } else if (operation instanceof Restore restore) {
      write(out, restore);
    } else if (operation instanceof BelowCompacted below) {
      out.putByte(BELOW_COMPACTED);
      write(out, below.range());
      out.putVarint(below.compacted());
    } else if (operation instanceof Txn txn) {
      write(out, txn);
    } else if (operation instanceof LeaseCommand lease) {
      lease.write(out);
    } else if (operation instanceof TransactionCommand transaction) {
      transaction.write(out);
    }
  }

  private static void write(ByteWriter out, Restore restore) {
    out.putByte(RESTORE).putVarint(restore.kvs().size());
    for (KeyVersion kv : restore.kvs()) {
      Version version = kv.version();
      out.putBytes(kv.key())
          .putBytes(version.value())
          .putVarint(version.modRevision())
          .putVarint(version.createRevision())
          .putVarint(version.version())
          .putVarint(version.lease());
    }
  }

  private static Restore readRestore(ByteReader in) {
    int count = in.takeCount();
    List<KeyVersion> kvs = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Bytes key = in.takeBytes();
      Bytes value = in.takeBytes();
      kvs.add(new KeyVersion(
          key,
          new Version(
              in.takeVarint(), 0, in.takeVarint(), in.takeVarint(), in.takeVarint(), value)));
    }
    return new Restore(kvs);
  }

  private static int flags(boolean first, boolean second, boolean third) {
    return (first ? 1 : 0) | (second ? 2 : 0) | (third ? 4 : 0);
  }

  private static void write(ByteWriter out, KeyRange range) {
    out.putBytes(range.start()).putBytes(range.end());
  }

  private static void write(ByteWriter out, RangeQuery query) {
    write(out, query.range());
    out.putByte(flags(query.keysOnly(), query.countOnly(), query.skipCount()))
        .putByte(SORT_TARGETS.indexOf(query.target()))
        .putByte(SORT_ORDERS.indexOf(query.order()))
        .putVarint(query.revision())
        .putVarint(query.limit())
        .putVarint(query.minMod())
        .putVarint(query.maxMod())
        .putVarint(query.minCreate())
        .putVarint(query.maxCreate())
        .putVarint(query.pageBytes());
  }

  private static void write(ByteWriter out, Txn txn) {
    out.putByte(TXN).putVarint(txn.compares().size());
    for (Compare compare : txn.compares()) {
      write(out, compare.range());
      out.putByte(TARGETS.indexOf(compare.target()))
          .putByte(RELATIONS.indexOf(compare.relation()))
          .putVarint(compare.number())
          .putBytes(compare.value());
    }
    for (List<Operation> branch : List.of(txn.success(), txn.failure())) {
      out.putVarint(branch.size());
      for (Operation inner : branch) {
        write(out, inner);
      }
    }
  }

  private static Operation readOperation(ByteReader in) {
    int kind = in.takeByte();
    return switch (kind) {
      case PUT -> {
        int flags = in.takeByte();
        yield new Put(
            in.takeBytes(),
            in.takeBytes(),
            in.takeVarint(),
            (flags & 1) != 0,
            (flags & 2) != 0,
            (flags & 4) != 0);
      }
      case DELETE -> {
        int flags = in.takeByte();
        yield new DeleteRange(readRange(in), flags != 0);
      }
      case READ -> new Read(readQuery(in));
      case TXN -> readTxn(in);
      case RESTORE -> readRestore(in);
      case BELOW_COMPACTED -> new BelowCompacted(readRange(in), in.takeVarint());
      default ->
        TransactionCodec.knows(kind) ? TransactionCodec.read(kind, in) : LeaseCodec.read(kind, in);
    };
  }

  private static KeyRange readRange(ByteReader in) {
    return new KeyRange(in.takeBytes(), in.takeBytes());
  }

  private static RangeQuery readQuery(ByteReader in) {
    KeyRange range = readRange(in);
    int flags = in.takeByte();
    RangeQuery.Target target = pick(in, SORT_TARGETS);
    RangeQuery.Order order = pick(in, SORT_ORDERS);
    return new RangeQuery(
        range,
        in.takeVarint(),
        in.takeVarint(),
        target,
        order,
        (flags & 1) != 0,
        (flags & 2) != 0,
        in.takeVarint(),
        in.takeVarint(),
        in.takeVarint(),
        in.takeVarint(),
        in.takeVarint(),
        (flags & 4) != 0);
  }

  private static Txn readTxn(ByteReader in) {
    int count = in.takeCount();
    List<Compare> compares = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      compares.add(new Compare(
          readRange(in), pick(in, TARGETS), pick(in, RELATIONS), in.takeVarint(), in.takeBytes()));
    }
    return new Txn(compares, readOperations(in), readOperations(in));
  }

  private static List<Operation> readOperations(ByteReader in) {
    int count = in.takeCount();
    List<Operation> operations = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      operations.add(readOperation(in));
    }
    return operations;
  }

  private static <E> E pick(ByteReader in, List<E> all) {
    int place = in.takeByte();
    if (place >= all.size()) {
      throw in.damaged("choice " + place + " is unknown to this build");
    }
    return all.get(place);
  }
}
