package io.quorate.region.order;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.region.command.Compare;
import io.quorate.region.command.DeleteRange;
import io.quorate.region.command.Put;
import io.quorate.region.command.Read;
import io.quorate.region.command.Txn;
import io.quorate.region.mvcc.RangeQuery;
import java.util.List;
import org.junit.jupiter.api.Test;

class FootprintTest {
  private static final Bytes A = Bytes.utf8("a");
  private static final Bytes B = Bytes.utf8("b");
  private static final Bytes C = Bytes.utf8("c");
  private static final Bytes D = Bytes.utf8("d");
  private static final KeyRange C_TO_D = KeyRange.of(C, D);

  private static final Txn TXN = new Txn(
      List.of(new Compare(
          KeyRange.single(A), Compare.Target.VERSION, Compare.Relation.EQUAL, 0, Bytes.EMPTY)),
      List.of(Put.of(B, Bytes.EMPTY)),
      List.of(new Txn(
          List.of(),
          List.of(new DeleteRange(C_TO_D, false)),
          List.of(new Read(RangeQuery.of(D))))));

  @Test
  void aTransactionTouchesComparesAndAllBranchesAtAllDepths() {
    Footprint all = Footprint.of(TXN);

    assertThat(all.keys()).containsExactly(A, B, D);
    assertThat(all.ranges()).containsExactly(C_TO_D);
    assertThat(all.isPoints()).isFalse();
  }

  @Test
  void onlyItsWritesHoldBackReaders() {
    Footprint writes = Footprint.writesOf(TXN);

    assertThat(writes.keys()).containsExactly(B);
    assertThat(writes.ranges()).containsExactly(C_TO_D);
  }

  @Test
  void touchedKeysMeetPointsAndRanges() {
    TouchedKeys touched = new TouchedKeys(List.of(Footprint.writesOf(TXN)));

    assertThat(touched.intersects(Footprint.of(A))).isFalse();
    assertThat(touched.intersects(Footprint.of(B))).isTrue();
    assertThat(touched.intersects(Footprint.of(C))).isTrue();
    assertThat(touched.intersects(Footprint.of(D))).isFalse();
    assertThat(touched.intersects(Footprint.of(KeyRange.of(A, B)))).isFalse();
    assertThat(touched.intersects(Footprint.of(KeyRange.of(A, B.next())))).isTrue();
    assertThat(touched.intersects(Footprint.of(KeyRange.of(C.next(), Bytes.EMPTY))))
        .isTrue();
    assertThat(touched.intersects(Footprint.of(KeyRange.of(D, Bytes.EMPTY)))).isFalse();
  }

  @Test
  void admissionChecksEpochThenLeadershipThenKeys() {
    Footprint inside = Footprint.of(B);
    KeyRange region = KeyRange.of(A, C);

    assertThat(Admission.decide(2, region, true, true, 2, inside)).isEqualTo(Admission.ADMITTED);
    assertThat(Admission.decide(2, region, false, true, 1, inside))
        .isEqualTo(Admission.WRONG_EPOCH);
    assertThat(Admission.decide(2, region, true, true, 3, inside)).isEqualTo(Admission.WRONG_EPOCH);
    assertThat(Admission.decide(2, region, false, true, 2, inside)).isEqualTo(Admission.NOT_LEADER);
    assertThat(Admission.decide(2, region, false, false, 2, inside)).isEqualTo(Admission.ADMITTED);
    assertThat(Admission.decide(2, region, true, true, 2, Footprint.of(C)))
        .isEqualTo(Admission.OUT_OF_RANGE);
    assertThat(Admission.decide(2, region, true, true, 2, Footprint.of(C_TO_D)))
        .isEqualTo(Admission.OUT_OF_RANGE);
  }
}
