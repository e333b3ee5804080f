package io.quorate.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KeyRangeTest {
  private static KeyRange range(String start, String end) {
    return KeyRange.of(Bytes.utf8(start), Bytes.utf8(end));
  }

  @Test
  void anEmptyEndIsGreaterThanEveryKey() {
    assertThat(range("b", "").contains(Bytes.fromHex("ffff"))).isTrue();
    assertThat(range("a", "b").overlaps(range("a", ""))).isTrue();
    assertThat(KeyRange.ALL.contains(range("a", ""))).isTrue();
    assertThat(range("a", "z").contains(range("b", ""))).isFalse();
  }

  @Test
  void touchingRangesDoNotOverlap() {
    assertThat(range("a", "b").overlaps(range("b", "c"))).isFalse();
    assertThat(range("a", "b").intersect(range("b", "c")).isEmpty()).isTrue();
  }

  @Test
  void aSingleKeyIsARange() {
    assertThat(KeyRange.single(Bytes.utf8("k")).isSingle()).isTrue();
    assertThat(KeyRange.single(Bytes.utf8("k")).contains(Bytes.utf8("k"))).isTrue();
    assertThat(KeyRange.single(Bytes.utf8("k")).contains(Bytes.utf8("k0"))).isFalse();
    assertThat(range("k", "l").isSingle()).isFalse();
  }
}
