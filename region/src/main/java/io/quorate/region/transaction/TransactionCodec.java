package io.quorate.region.transaction;

import io.quorate.region.command.TransactionCommand;
import io.quorate.region.mvcc.ByteReader;
import java.util.ArrayList;
import java.util.List;

/** How commands of transactions over several regions stand in log entries; the kinds never change. Stateless. */
public final class TransactionCodec {
  static final int PREWRITE = 40;
  static final int WRITE_AT_ONCE = 41;
  static final int COMMIT = 42;
  static final int ROLL_BACK = 43;
  static final int ABANDON = 44;
  static final int PUSH = 45;
  static final int RESOLVE = 46;
  static final int FORGET = 47;

  /** The places are what is written: they never change. */
  static final List<ResolveLocks.Fate> FATES =
      List.of(ResolveLocks.Fate.COMMITTED, ResolveLocks.Fate.ROLLED_BACK, ResolveLocks.Fate.PUSHED);

  private TransactionCodec() {}

  /** Whether the kind is one of these. */
  public static boolean knows(int kind) {
    return kind >= PREWRITE && kind <= FORGET;
  }

  /** Reads what follows the kind. */
  public static TransactionCommand read(int kind, ByteReader in) {
    return switch (kind) {
      case PREWRITE -> new Prewrite(LockCodec.readHolder(in), Writes.read(in), Ranges.read(in));
      case WRITE_AT_ONCE -> new WriteAtOnce(TxnId.read(in), in.takeVarint(), Writes.read(in));
      case COMMIT ->
        new Decide.Commit(TxnId.read(in), in.takeBytes(), in.takeVarint(), Ranges.read(in));
      case ROLL_BACK ->
        new Decide.RollBack(TxnId.read(in), in.takeVarint(), in.takeBytes(), Ranges.read(in));
      case ABANDON -> new Decide.Abandon(TxnId.read(in), in.takeVarint(), in.takeBytes());
      case PUSH -> new Decide.Push(TxnId.read(in), in.takeBytes(), in.takeVarint());
      case RESOLVE -> readResolve(in);
      case FORGET -> readForget(in);
      default -> throw in.damaged("operation " + kind + " is unknown to this build");
    };
  }

  private static ResolveLocks readResolve(ByteReader in) {
    int count = in.takeCount();
    List<ResolveLocks.Resolution> all = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      TxnId txn = TxnId.read(in);
      int fate = in.takeByte();
      if (fate >= FATES.size()) {
        throw in.damaged("choice " + fate + " is unknown to this build");
      }
      all.add(new ResolveLocks.Resolution(txn, FATES.get(fate), in.takeVarint(), Ranges.read(in)));
    }
    return new ResolveLocks(all);
  }

  private static ForgetTxns readForget(ByteReader in) {
    int count = in.takeCount();
    List<ForgetTxns.Decided> all = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      all.add(new ForgetTxns.Decided(TxnId.read(in), in.takeBytes()));
    }
    return new ForgetTxns(all);
  }
}
