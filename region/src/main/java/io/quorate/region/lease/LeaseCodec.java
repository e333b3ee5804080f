package io.quorate.region.lease;

import io.quorate.model.KeyRange;
import io.quorate.region.command.LeaseCommand;
import io.quorate.region.mvcc.ByteReader;
import java.util.ArrayList;
import java.util.List;

/** How commands about leases stand in log entries; the kinds never change. Stateless. */
public final class LeaseCodec {
  static final int GRANT = 10;
  static final int REVOKE = 11;
  static final int CHECKPOINT = 12;
  static final int REGISTER = 13;
  static final int FINISH = 14;
  static final int ATTACH = 15;
  static final int STRIP = 16;

  private LeaseCodec() {}

  /**
   * Reads what follows the kind.
   *
   * @throws IllegalStateException if this build does not know the kind
   */
  public static LeaseCommand read(int kind, ByteReader in) {
    return switch (kind) {
      case GRANT -> new HomeCommand.Grant(in.takeLong(), in.takeVarint());
      case REVOKE -> new HomeCommand.Revoke(in.takeLong(), in.takeVarint(), in.takeVarint());
      case CHECKPOINT -> readCheckpoint(in);
      case REGISTER -> new HomeCommand.Register(in.takeLong(), readRange(in));
      case FINISH -> new HomeCommand.Finish(in.takeLong(), in.takeVarint());
      case ATTACH ->
        new DataCommand.Attach(in.takeLong(), in.takeVarint(), readRange(in), in.takeVarint());
      case STRIP -> new DataCommand.Strip(in.takeBytes(), in.takeLong(), in.takeVarint());
      default -> throw in.damaged("operation " + kind + " is unknown to this build");
    };
  }

  private static KeyRange readRange(ByteReader in) {
    return new KeyRange(in.takeBytes(), in.takeBytes());
  }

  private static HomeCommand.Checkpoint readCheckpoint(ByteReader in) {
    long term = in.takeVarint();
    int count = in.takeCount();
    List<HomeCommand.Checkpoint.Note> notes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      notes.add(new HomeCommand.Checkpoint.Note(in.takeLong(), in.takeVarint(), in.takeVarint()));
    }
    return new HomeCommand.Checkpoint(term, notes);
  }
}
