package io.quorate.client.placement;

import io.quorate.auth.AuthError;
import io.quorate.client.transport.CallTokens;
import io.quorate.proto.AuthPlacementGrpc;
import io.quorate.proto.PlacementServiceGrpc;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A user's token: fetched when it is first needed, again after half of its time, and after a call was turned away for it. Owned by
 * a client; any thread.
 */
public final class UserTokens implements CallTokens {
  /** How soon it is asked again where nobody was asked who he is, or the password was wrong. */
  private static final Duration AGAIN = Duration.ofSeconds(1);

  private final AuthClient auth;
  private final String name;
  private final String password;
  private final LongSupplier nanoTime;
  private @Nullable CompletableFuture<Optional<String>> held;
  private long fetchedNanos;
  /** When the one held is too old; meaningless while it is being fetched. */
  private long staleNanos;

  /**
   * The tokens of a user.
   *
   * @param nanoTime monotonic
   */
  public UserTokens(AuthClient auth, String name, String password, LongSupplier nanoTime) {
    this.auth = auth;
    this.name = name;
    this.password = password;
    this.nanoTime = nanoTime;
  }

  @Override
  public synchronized CompletableFuture<Optional<String>> token() {
    CompletableFuture<Optional<String>> known = held;
    if (known != null && (!known.isDone() || nanoTime.getAsLong() - staleNanos < 0)) {
      return known;
    }
    long asked = nanoTime.getAsLong();
    fetchedNanos = asked;
    staleNanos = asked + AGAIN.toNanos();
    CompletableFuture<Optional<String>> fetched = new CompletableFuture<>();
    held = fetched;
    var unused = auth.logIn(name, password).whenComplete((token, failure) -> {
      if (failure == null) {
        keep(fetched, asked + token.ttl().toNanos() / 2);
        fetched.complete(Optional.of(token.text()));
      } else if (AuthError.NOT_ENABLED.text().equals(cause(failure).getMessage())) {
        keep(fetched, nanoTime.getAsLong() + AGAIN.toNanos());
        fetched.complete(Optional.empty());
      } else {
        keep(fetched, nanoTime.getAsLong() + AGAIN.toNanos());
        fetched.completeExceptionally(cause(failure));
      }
    });
    return fetched;
  }

  private static Throwable cause(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  private synchronized void keep(CompletableFuture<Optional<String>> token, long until) {
    if (held == token) {
      staleNanos = until;
    }
  }

  @Override
  public synchronized void refused() {
    CompletableFuture<Optional<String>> known = held;
    // Not more often than so: a user that is no more is not asked after without end.
    if (known != null && known.isDone() && nanoTime.getAsLong() - fetchedNanos > AGAIN.toNanos()) {
      held = null;
    } else if (known != null && known.isDone()) {
      staleNanos = Math.min(staleNanos, fetchedNanos + AGAIN.toNanos());
    }
  }

  @Override
  public boolean isOpen(String method) {
    return method.equals(AuthPlacementGrpc.getLogInMethod().getFullMethodName())
        || method.equals(PlacementServiceGrpc.getMembersMethod().getFullMethodName());
  }
}
