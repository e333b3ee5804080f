package io.quorate.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a token proves, and what it does not. */
class ClusterKeyTest {
  private static final long NOW = 1_000_000;

  private final ClusterKey key = ClusterKey.random();

  @Test
  void aTokenSpeaksForWhomItWasMade() {
    Principal alice = Principal.user("alice \"quoted\"", 42);
    assertThat(key.verify(key.sign(alice, NOW + 10), NOW)).contains(alice);
    assertThat(key.verify(key.sign(Principal.SYSTEM, NOW + 10), NOW)).contains(Principal.SYSTEM);
    Principal called = Principal.user("system", 1);
    assertThat(key.verify(key.sign(called, NOW + 10), NOW)).contains(called);
  }

  @Test
  void itsTimeEnds() {
    String token = key.sign(Principal.user("a", 1), NOW);
    assertThat(key.verify(token, NOW + 30)).as("clocks may differ").isPresent();
    assertThat(key.verify(token, NOW + 31)).isEmpty();
  }

  @Test
  void anotherKeyAnotherAlgorithmOrAnyChangeIsFoundOut() {
    String token = key.sign(Principal.user("a", 1), NOW + 10);
    assertThat(ClusterKey.random().verify(token, NOW)).isEmpty();
    for (int i = 0; i < token.length() - 1; i++) {
      char other = token.charAt(i) == 'A' ? 'B' : 'A';
      String changed = token.substring(0, i) + other + token.substring(i + 1);
      assertThat(key.verify(changed, NOW)).as("character %s", i).isEmpty();
    }
    String none = base64("{\"alg\":\"none\",\"typ\":\"JWT\"}") + "."
        + base64("{\"kind\":\"system\",\"username\":\"\",\"revision\":0,\"exp\":9999999999}") + ".";
    assertThat(key.verify(none, NOW)).isEmpty();
    for (String bad : new String[] {"", ".", "..", "a.b.c", "x".repeat(10_000)}) {
      assertThat(key.verify(bad, NOW)).isEmpty();
    }
  }

  private static String base64(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aFileMustHoldEnough(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("key");
    Files.writeString(file, "short\n");
    assertThatThrownBy(() -> ClusterKey.read(file)).hasMessageContaining("5 bytes");
    assertThatThrownBy(() -> ClusterKey.read(directory.resolve("none")))
        .isInstanceOf(IllegalArgumentException.class);
    Files.writeString(file, "0123456789abcdef0123456789abcdef\n");
    ClusterKey read = ClusterKey.read(file);
    Files.writeString(file, " 0123456789abcdef0123456789abcdef");
    assertThat(ClusterKey.read(file).verify(read.sign(Principal.SYSTEM, NOW), NOW))
        .isPresent();
    assertThat(read.toString()).doesNotContain("0123");
  }
}
