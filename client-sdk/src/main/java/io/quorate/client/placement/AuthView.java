package io.quorate.client.placement;

import io.quorate.auth.AuthImage;
import io.quorate.auth.AuthLease;
import io.quorate.auth.Judge;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Users and roles as a process of the cluster may judge by them now: asked for anew before {@link AuthLease#VALID} is over, so that
 * what was acknowledged holds here. Owned by the process; any thread; futures complete on the placement client's loop.
 */
public final class AuthView {
  private final PlacementClient placement;
  private final AuthClient auth;
  private final LongSupplier nanoTime;
  private volatile @Nullable Held held;
  private @Nullable Asking asking;

  /**
   * What is known.
   *
   * @param askedNanos when the question was sent
   */
  private record Held(Judge judge, long askedNanos) {}

  private record Asking(long sinceNanos, CompletableFuture<Judge> answer) {}

  /**
   * A view of nothing yet.
   *
   * @param nanoTime monotonic
   */
  public AuthView(PlacementClient placement, LongSupplier nanoTime) {
    this.placement = placement;
    this.auth = placement.auth();
    this.nanoTime = nanoTime;
  }

  /** What may be judged by at once; empty if it must be asked for. */
  public Optional<Judge> valid() {
    Held now = held;
    if (now == null) {
      return Optional.empty();
    }
    long age = nanoTime.getAsLong() - now.askedNanos();
    if (age > AuthLease.VALID.toNanos()) {
      return Optional.empty();
    }
    if (age > AuthLease.VALID.toNanos() / 2) {
      var unused = fresh();
    }
    return Optional.of(now.judge());
  }

  /** What may be judged by whatever was asked when this was called; fails if the placement driver does not answer. */
  public synchronized CompletableFuture<Judge> fresh() {
    long now = nanoTime.getAsLong();
    Asking running = asking;
    if (running != null && now - running.sinceNanos() < AuthLease.VALID.toNanos() / 2) {
      return running.answer();
    }
    CompletableFuture<Judge> answer = placement.oracle().current().thenCompose(state -> {
      Held known = held;
      return known != null && known.judge().image().revision() >= state.authRevision()
          ? CompletableFuture.completedFuture(known.judge())
          : known == null && state.authRevision() == 0
              ? CompletableFuture.completedFuture(new Judge(AuthImage.EMPTY))
              : auth.rules().thenApply(Judge::new);
    });
    CompletableFuture<Judge> kept = answer.thenApply(judge -> keep(judge, now));
    asking = new Asking(now, kept);
    return kept;
  }

  private synchronized Judge keep(Judge judge, long askedNanos) {
    Held known = held;
    if (known == null
        || known.judge().image().revision() < judge.image().revision()
        || (known.judge().image().revision() == judge.image().revision()
            && known.askedNanos() < askedNanos)) {
      held = new Held(judge, askedNanos);
      return judge;
    }
    return known.judge();
  }
}
