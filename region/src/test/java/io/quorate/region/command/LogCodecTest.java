package io.quorate.region.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionEpoch;
import io.quorate.region.mvcc.ByteWriter;
import io.quorate.region.mvcc.RangeQuery;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LogCodecTest {
  private static final RegionEpoch EPOCH = new RegionEpoch(3, 5);

  private static LogCommands entry() {
    Bytes key = Bytes.utf8("key");
    Txn txn = new Txn(
        List.of(new Compare(
            KeyRange.single(key), Compare.Target.MOD, Compare.Relation.LESS, -1, Bytes.EMPTY)),
        List.of(
            new Put(key, Bytes.EMPTY, Long.MAX_VALUE, true, true, false),
            new Read(RangeQuery.of(KeyRange.ALL)
                .withLimit(9)
                .sortedBy(RangeQuery.Target.VALUE, RangeQuery.Order.DESCEND))),
        List.of(new Txn(List.of(), List.of(), List.of(new DeleteRange(KeyRange.ALL, true)))));
    return LogCommands.of(
        EPOCH,
        List.of(
            new Stamped(7, 3, new WriteName(-1, 1, 6, true), txn),
            new Stamped(
                8,
                3,
                new WriteName(2, Long.MAX_VALUE, 0, false),
                Put.of(key, Bytes.utf8("value")))));
  }

  @Test
  void anEntryComesBackAsItWas() {
    assertThat(LogCodec.decode(LogCodec.encode(entry()))).isEqualTo(entry());
  }

  @Test
  void everyFlippedBitIsFound() {
    byte[] bytes = LogCodec.encode(entry());
    for (int i = 0; i < bytes.length * 8; i++) {
      byte[] damaged = bytes.clone();
      damaged[i / 8] ^= (byte) (1 << i % 8);
      assertThatThrownBy(() -> LogCodec.decode(damaged))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("damaged log entry: ");
    }
  }

  @Test
  void anUnknownFormatStopsWithAClearWord() {
    byte[] bytes = LogCodec.encode(entry());
    bytes[0] = 9;
    assertThatThrownBy(() -> LogCodec.decode(bytes))
        .hasMessageContaining("format 9 is unknown to this build");
  }

  @Test
  void anUnknownRuleVersionStopsWithAClearWord() {
    byte[] bytes = LogCodec.encode(new LogCommands(LogCommands.RULES + 1, EPOCH, List.of()));
    assertThatThrownBy(() -> LogCodec.decode(bytes))
        .hasMessageContaining(
            "rule version " + (LogCommands.RULES + 1) + " is unknown to this build");
  }

  @Test
  void anEmptyEntryIsDamage() {
    assertThatThrownBy(() -> LogCodec.decode(new byte[0]))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(
            () -> LogCodec.decode(new ByteWriter(8).putByte(1).putChecksum(0).toByteArray()))
        .isInstanceOf(IllegalStateException.class);
  }
}
