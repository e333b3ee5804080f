package io.quorate.placement.node;

import io.quorate.auth.AuthError;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.springframework.security.crypto.bcrypt.BCrypt;

/**
 * Hashes and checks passwords by bcrypt, which is slow on purpose: on one thread of its own, in order, and so many waiting at
 * most. Owned by the node; any thread.
 */
final class PasswordHost implements AutoCloseable {
  /** Passwords waiting to be worked on; further ones are answered "too many requests". */
  private static final int QUEUE_MAX = 64;

  /** bcrypt's cost, as etcd's: 2 to the power of it rounds. */
  private static final int COST = 10;

  /** bcrypt looks at no more. */
  private static final int PASSWORD_BYTES_MAX = 72;

  private final ThreadPoolExecutor thread;
  private final ScheduledExecutorService timer;

  PasswordHost(long member) {
    ThreadFactory made = task -> {
      Thread thread = new Thread(task, "pd-" + member + "-password");
      thread.setDaemon(true);
      return thread;
    };
    this.thread = new ThreadPoolExecutor(
        1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(QUEUE_MAX), made);
    this.timer = Executors.newSingleThreadScheduledExecutor(made);
  }

  /** For what shall happen later, and be short. */
  ScheduledExecutorService timer() {
    return timer;
  }

  /** The hash of a password; fails with {@link Busy} if too many wait. */
  CompletableFuture<String> hash(String password) {
    return on(thread, () -> BCrypt.hashpw(password, BCrypt.gensalt(COST)));
  }

  /** Whether the hash is of the password; fails with {@link Busy} if too many wait. */
  CompletableFuture<Boolean> matches(String password, String hash) {
    return on(thread, () -> !isTooLong(password) && BCrypt.checkpw(password, hash));
  }

  static boolean isTooLong(String password) {
    return password.getBytes(StandardCharsets.UTF_8).length > PASSWORD_BYTES_MAX;
  }

  private static <T> CompletableFuture<T> on(Executor thread, Supplier<T> work) {
    try {
      return CompletableFuture.supplyAsync(work, thread);
    } catch (RejectedExecutionException full) {
      return CompletableFuture.failedFuture(new Busy());
    }
  }

  /** Too many passwords wait. */
  static final class Busy extends RuntimeException {
    Busy() {
      super(AuthError.TOO_MANY_REQUESTS.text());
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    timer.shutdownNow();
  }
}
