package io.quorate.client.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When files are read, by a clock that the test moves. */
class RenewedFilesTest {
  @TempDir
  Path directory;

  private final AtomicLong nanos = new AtomicLong();
  private Path file;
  private String taken = "";
  private int reads;

  @BeforeEach
  void write() throws IOException {
    file = Files.writeString(directory.resolve("ca.pem"), "first");
  }

  private RenewedFiles renewed() throws Exception {
    return new RenewedFiles(List.of(file), nanos::get, () -> {
      reads++;
      String text = Files.readString(file);
      if (text.equals("broken")) {
        throw new IOException(text);
      }
      taken = text;
    });
  }

  private void lookAfter(RenewedFiles files, long millis) {
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
    files.look();
  }

  @Test
  void whatHasChangedIsReadAgainButNotMoreThanOnceASecond() throws Exception {
    RenewedFiles files = renewed();
    assertThat(taken).isEqualTo("first");
    Files.writeString(file, "a second one");
    lookAfter(files, 999);
    assertThat(taken).isEqualTo("first");
    lookAfter(files, 1);
    assertThat(taken).isEqualTo("a second one");
    lookAfter(files, 5_000);
    assertThat(reads).isEqualTo(2);
  }

  @Test
  void whatCannotBeUsedOrIsGoneLeavesTheLast() throws Exception {
    RenewedFiles files = renewed();
    Files.writeString(file, "broken");
    lookAfter(files, 1_000);
    Files.delete(file);
    lookAfter(files, 1_000);
    assertThat(taken).isEqualTo("first");
    Files.writeString(file, "mended");
    lookAfter(files, 1_000);
    assertThat(taken).isEqualTo("mended");
  }

  /** Read while it was written: its time and size may be those of the whole. */
  @Test
  void whatCouldNotBeUsedIsReadAgainThoughItLooksTheSame() throws Exception {
    RenewedFiles files = renewed();
    Files.writeString(file, "broken");
    var when = Files.getLastModifiedTime(file);
    lookAfter(files, 1_000);
    Files.writeString(file, "mended");
    Files.setLastModifiedTime(file, when);
    lookAfter(files, 1_000);
    assertThat(taken).isEqualTo("mended");
  }

  @Test
  void whatCannotBeUsedAtTheStartIsRefused() throws Exception {
    Files.writeString(file, "broken");
    assertThatThrownBy(this::renewed).isInstanceOf(IOException.class).hasMessage("broken");
  }
}
