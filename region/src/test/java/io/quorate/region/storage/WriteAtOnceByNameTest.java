package io.quorate.region.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.RefusalCode;
import io.quorate.region.command.Command;
import io.quorate.region.command.LogCommands;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.Put;
import io.quorate.region.command.Result;
import io.quorate.region.command.Stamped;
import io.quorate.region.command.WriteName;
import io.quorate.region.transaction.Decide;
import io.quorate.region.transaction.Holder;
import io.quorate.region.transaction.Prewrite;
import io.quorate.region.transaction.TxnId;
import io.quorate.region.transaction.WriteAtOnce;
import io.quorate.region.transaction.WriteLock;
import io.quorate.region.transaction.Writes;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A transaction written at once, asked for again by its name: done once, and answered as the first time. */
final class WriteAtOnceByNameTest {
  private static final Bytes A = Bytes.utf8("a");
  private static final Bytes B = Bytes.utf8("b");

  @TempDir
  private Path directory;

  private TestStore disk;
  private RegionStore region;
  private long index = 1;

  @BeforeEach
  void open() {
    disk = new TestStore(directory.resolve("one"), SharedStoreConfig.defaults());
    region = disk.create(7, KeyRange.ALL);
    assertThat(apply(5, WriteName.NONE, Put.of(A, Bytes.utf8("old"))))
        .isInstanceOf(Outcome.Done.class);
  }

  @AfterEach
  void close() {
    disk.close();
  }

  private Outcome apply(long revision, WriteName name, Command command) {
    try (ApplySession session = region.begin()) {
      Stamped stamped = new Stamped(revision, region.descriptor().epoch().version(), name, command);
      Outcome outcome = session
          .apply(++index, 1, LogCommands.of(region.descriptor().epoch(), List.of(stamped)))
          .get(0);
      session.commit();
      return outcome;
    }
  }

  private static Writes.Write write(Bytes key, int sub) {
    return new Writes.Write(key, new WriteLock.Intent(sub, false, 0, Bytes.utf8("new")));
  }

  /** Has read a and b at revision 5, and writes both. */
  private static final WriteAtOnce BOTH =
      new WriteAtOnce(new TxnId(1, 2), 5, new Writes(List.of(write(A, 0), write(B, 1)), List.of()));

  private static WriteName name(boolean repeated) {
    return new WriteName(9, 1, 5, repeated);
  }

  private static void refused(Outcome outcome, RefusalCode code) {
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Refused.class,
            refused -> assertThat(refused.refusal().code()).isEqualTo(code));
  }

  @Test
  void aRepeatIsAnsweredAsTheFirstTime() {
    Outcome done = new Outcome.Done(6, Result.Prewritten.DONE);
    assertThat(apply(6, name(false), BOTH)).isEqualTo(done);
    assertThat(apply(7, name(true), BOTH)).isEqualTo(done);
    // Though others have written or locked its keys since, and this replica has been started anew.
    assertThat(apply(8, WriteName.NONE, Put.of(A, Bytes.utf8("newer"))))
        .isInstanceOf(Outcome.Done.class);
    Prewrite lock = new Prewrite(
        new Holder(new TxnId(3, 4), 8, B, 1000),
        new Writes(List.of(write(B, 0)), List.of()),
        List.of());
    assertThat(apply(0, WriteName.NONE, lock)).isInstanceOf(Outcome.Done.class);
    disk.reopen();
    region = disk.store().open(region.descriptor().id());
    assertThat(apply(9, name(true), BOTH)).isEqualTo(done);
  }

  @Test
  void withoutANameItMeetsItself() {
    assertThat(apply(6, WriteName.NONE, BOTH)).isInstanceOf(Outcome.Done.class);
    refused(apply(7, WriteName.NONE, BOTH), RefusalCode.WRITE_CONFLICT);
  }

  @Test
  void whatARepeatWasRefusedIsFinalForTheFirstAttemptThatComesLate() {
    assertThat(apply(6, WriteName.NONE, Put.of(A, Bytes.utf8("between"))))
        .isInstanceOf(Outcome.Done.class);
    refused(apply(7, name(true), BOTH), RefusalCode.WRITE_CONFLICT);
    refused(apply(8, name(false), BOTH), RefusalCode.WRITE_CONFLICT);
  }

  @Test
  void aLockIsNoAnswerThatStands() {
    Prewrite lock = new Prewrite(
        new Holder(new TxnId(3, 4), 5, B, 1000),
        new Writes(List.of(write(B, 0)), List.of()),
        List.of());
    assertThat(apply(0, WriteName.NONE, lock)).isInstanceOf(Outcome.Done.class);
    refused(apply(6, name(true), BOTH), RefusalCode.LOCKED);
    assertThat(apply(0, WriteName.NONE, new Decide.RollBack(new TxnId(3, 4), 5, B, List.of())))
        .isInstanceOf(Outcome.Done.class);
    assertThat(apply(7, name(true), BOTH)).isEqualTo(new Outcome.Done(7, Result.Prewritten.DONE));
  }
}
