package io.quorate.client.transport;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files of a connection's credentials that are read again once they have changed. What cannot be used, for instance since one of two
 * files is not there yet, leaves what was good before. Owned by what is made of the files; any thread, which reads them itself.
 */
final class RenewedFiles {
  private static final Logger LOG = LoggerFactory.getLogger(RenewedFiles.class);

  /** The files are looked at no more often than that. */
  private static final long LOOK_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Takes the files in; if it fails, what was taken in before must stay. */
  interface Reading {
    void read() throws IOException, GeneralSecurityException;
  }

  private final List<Path> files;
  private final LongSupplier nanos;
  private final Reading reading;
  private List<Optional<State>> seen;
  private boolean unusable;
  private long lookedNanos;

  /** By which a change is noticed: two writes may have one time. */
  private record State(FileTime changed, long bytes) {}

  /**
   * Reads the files.
   *
   * @param nanos a clock that only goes forward
   */
  RenewedFiles(List<Path> files, LongSupplier nanos, Reading reading)
      throws IOException, GeneralSecurityException {
    this.files = files;
    this.nanos = nanos;
    this.reading = reading;
    this.seen = states();
    this.lookedNanos = nanos.getAsLong();
    reading.read();
  }

  /** Nothing for a file that is not there. */
  private List<Optional<State>> states() {
    return files.stream().map(RenewedFiles::state).toList();
  }

  private static Optional<State> state(Path file) {
    try {
      return Optional.of(new State(Files.getLastModifiedTime(file), Files.size(file)));
    } catch (IOException notThere) {
      return Optional.empty();
    }
  }

  /** Reads them again if they have changed; to be called when a connection begins. */
  synchronized void look() {
    long now = nanos.getAsLong();
    if (now - lookedNanos < LOOK_EVERY_NANOS) {
      return;
    }
    lookedNanos = now;
    List<Optional<State>> found = states();
    boolean changed = !found.equals(seen);
    if (!changed && !unusable) {
      return;
    }
    seen = found;
    try {
      reading.read();
      unusable = false;
      LOG.info("files={} read anew", files);
    } catch (IOException | GeneralSecurityException | RuntimeException failure) {
      // Read while it was written, perhaps: looked at again, and told of once.
      unusable = true;
      if (changed) {
        LOG.warn("files={} cannot be used; those before go on: {}", files, failure.toString());
      }
    }
  }
}
