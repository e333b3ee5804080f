package io.quorate.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.client.Compare;
import io.quorate.client.Compare.Relation;
import io.quorate.client.DeleteOptions;
import io.quorate.client.RangeOptions;
import io.quorate.client.Txn;
import io.quorate.client.TxnOp;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.List;
import org.junit.jupiter.api.Test;

class TxnTextTest {
  private static final Bytes K = Bytes.utf8("k");

  @Test
  void conditionsReadLikeSentences() {
    assertThat(when("version(k) = 0")).isEqualTo(Compare.absent(K));
    assertThat(when("version( k )==1")).isEqualTo(Compare.version(K, Relation.EQUAL, 1));
    assertThat(when("create(\"a b\") > 7"))
        .isEqualTo(Compare.createRevision(Bytes.utf8("a b"), Relation.GREATER, 7));
    assertThat(when("mod(k) < 9")).isEqualTo(Compare.modRevision(K, Relation.LESS, 9));
    assertThat(when("lease(k) = 0")).isEqualTo(Compare.lease(K, Relation.EQUAL, 0));
    assertThat(when("value(k) != 'x = y'"))
        .isEqualTo(Compare.value(K, Relation.NOT_EQUAL, Bytes.utf8("x = y")));
    assertThat(when("value(\"a) = b\") = c"))
        .isEqualTo(Compare.value(Bytes.utf8("a) = b"), Relation.EQUAL, Bytes.utf8("c")));
  }

  @Test
  void actionsReadLikeCommands() {
    assertThat(then("put k 'two words'")).isEqualTo(TxnOp.put(K, Bytes.utf8("two words")));
    assertThat(then("get k")).isEqualTo(TxnOp.get(K));
    assertThat(then("get k m --limit 3"))
        .isEqualTo(TxnOp.range(KeyRange.of(K, Bytes.utf8("m")), RangeOptions.DEFAULT.withLimit(3)));
    assertThat(then("del k --prefix"))
        .isEqualTo(TxnOp.delete(KeyRange.prefix(K), DeleteOptions.DEFAULT));
    assertThat(then("put k \"\\x00\\n\"")).isEqualTo(TxnOp.put(K, Bytes.fromHex("000a")));
  }

  @Test
  void threeParagraphsAreATransaction() {
    Txn txn = TxnText.of("# lock\nversion(k) = 0\n\nput k me\nget k\n\nget k\n");
    assertThat(txn.compares()).containsExactly(Compare.absent(K));
    assertThat(txn.success()).containsExactly(TxnOp.put(K, Bytes.utf8("me")), TxnOp.get(K));
    assertThat(txn.failure()).containsExactly(TxnOp.get(K));
  }

  @Test
  void paragraphsMayBeEmpty() {
    Txn txn = TxnText.of("\nput k v\n");
    assertThat(txn.compares()).isEmpty();
    assertThat(txn.success()).hasSize(1);
    assertThat(txn.failure()).isEmpty();
  }

  @Test
  void nonsenseIsRefusedWithTheTextThatIsWrong() {
    for (String wrong :
        List.of("k = 0", "size(k) = 0", "version(k) = x", "version(k) ~ 1", "version(k) = 1 2")) {
      assertThatThrownBy(() -> when(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'");
    }
    for (String wrong : List.of(
        "",
        "put k",
        "put k v w",
        "get",
        "del a b --prefix",
        "del k --limit 1",
        "watch k",
        "put 'k v")) {
      assertThatThrownBy(() -> then(wrong)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> TxnText.of("\n\n\nput k v")).hasMessageContaining("three paragraphs");
  }

  private static Compare when(String text) {
    return TxnText.of(List.of(text), List.of(), List.of()).compares().get(0);
  }

  private static TxnOp then(String text) {
    return TxnText.of(List.of(), List.of(text), List.of()).success().get(0);
  }
}
