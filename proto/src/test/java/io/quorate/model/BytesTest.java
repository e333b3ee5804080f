package io.quorate.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BytesTest {
  @Test
  void ordersBytesAsUnsignedNumbers() {
    assertThat(Bytes.fromHex("7f")).isLessThan(Bytes.fromHex("80"));
    assertThat(Bytes.fromHex("ff")).isGreaterThan(Bytes.fromHex("00ff"));
    assertThat(Bytes.utf8("a")).isLessThan(Bytes.utf8("a").next());
  }

  @Test
  void prefixEndSkipsTrailingOnes() {
    assertThat(Bytes.fromHex("61ff").prefixEnd()).isEqualTo(Bytes.fromHex("62"));
    assertThat(Bytes.fromHex("ffff").prefixEnd()).isEqualTo(Bytes.EMPTY);
  }

  @Test
  void showsUnprintableBytesInHex() {
    assertThat(Bytes.fromHex("61005c")).hasToString("a\\x00\\x5c");
  }
}
