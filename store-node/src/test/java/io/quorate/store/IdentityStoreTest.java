package io.quorate.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.model.StoreId;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityStoreTest {
  private static final StoreIdentity JOINED =
      new StoreIdentity(0xfedc_ba98_7654_3210L, new StoreId(7), -3);

  @TempDir
  private Path directory;

  @Test
  void newDirectoryHasNoIdentityUntilOneIsWritten() {
    try (IdentityStore store = IdentityStore.open(directory.resolve("made/on/demand"))) {
      assertThat(store.read()).isEmpty();
      store.write(StoreIdentity.unjoined(9));
      assertThat(store.read()).contains(StoreIdentity.unjoined(9));
      store.write(JOINED);
      assertThat(store.read()).contains(JOINED);
    }
  }

  @Test
  void identityOutlivesTheProcess() {
    try (IdentityStore store = IdentityStore.open(directory)) {
      store.write(JOINED);
    }
    try (IdentityStore store = IdentityStore.open(directory)) {
      assertThat(store.read()).contains(JOINED);
    }
  }

  @Test
  void secondOwnerIsRefusedUntilTheFirstIsGone() {
    try (IdentityStore first = IdentityStore.open(directory)) {
      assertThat(first.read()).isEmpty();
      assertThatThrownBy(() -> IdentityStore.open(directory))
          .isInstanceOf(StoreStartException.class)
          .hasMessageContaining("in use by another process")
          .hasMessageContaining("--data-dir");
    }
    IdentityStore.open(directory).close();
  }

  @Test
  void directoryOfSomethingElseIsRefused() throws Exception {
    Files.writeString(directory.resolve("photo.jpg"), "not ours");
    assertThatThrownBy(() -> IdentityStore.open(directory))
        .isInstanceOf(StoreStartException.class)
        .hasMessageContaining("photo.jpg")
        .hasMessageContaining("choose an empty --data-dir");
  }

  @Test
  void fileInPlaceOfADirectoryIsRefused() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "");
    assertThatThrownBy(() -> IdentityStore.open(file))
        .isInstanceOf(StoreStartException.class)
        .hasMessageContaining("--data-dir");
  }

  @Test
  void damagedIdentityIsNotGuessedAt() {
    String text = JOINED.encode().replace("store=7", "store=8");
    assertThatThrownBy(() -> StoreIdentity.decode(text, "identity"))
        .isInstanceOf(StoreStartException.class)
        .hasMessageContaining("damaged");
  }

  @Test
  void laterFormatAndOtherKindAreNamed() {
    assertThatThrownBy(
            () -> StoreIdentity.decode(JOINED.encode().replace("format=1", "format=9"), "identity"))
        .hasMessageContaining("format 9");
    assertThatThrownBy(() ->
            StoreIdentity.decode(JOINED.encode().replace("kind=store", "kind=pd"), "identity"))
        .hasMessageContaining("not a store's but a pd's");
  }
}
