package io.quorate.store;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.quorate.auth.AuthError;
import io.quorate.auth.AuthImage;
import io.quorate.auth.Judge;
import io.quorate.auth.Principal;
import io.quorate.client.placement.AuthView;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionError;
import io.quorate.model.Wire;
import io.quorate.proto.Envelope;
import io.quorate.proto.Refusal;
import io.quorate.proto.RefusalCode;
import io.quorate.proto.Request;
import io.quorate.proto.Response;
import io.quorate.proto.WatchRequest;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Stands between streams and regions: what a stream's maker may not do never gets to a region. Judged by users and roles as they
 * are when a request comes, so that changes hold at once; who somebody is was proven when his stream began. Owned by the store;
 * any thread, never blocks.
 */
final class AccessGuard {
  private final RegionDispatch regions;
  /** Null where the cluster's processes have no key: then nobody can be asked who he is. */
  private final @Nullable AuthView view;

  private volatile LongFunction<CompletableFuture<List<Bytes>>> leaseKeys =
      lease -> CompletableFuture.failedFuture(new IllegalStateException("the store is starting"));

  AccessGuard(RegionDispatch regions, Optional<AuthView> view) {
    this.regions = regions;
    this.view = view.orElse(null);
  }

  /** How the keys of a lease are found, in whatever regions they lie. */
  void findLeaseKeysBy(LongFunction<CompletableFuture<List<Bytes>>> finder) {
    leaseKeys = finder;
  }

  /** Whether a refusal says that the asker is nobody, rather than that he may not. */
  static boolean isStranger(Refusal refusal) {
    return refusal.getMessage().equals(AuthError.USER_EMPTY.text())
        || refusal.getMessage().equals(AuthError.INVALID_TOKEN.text());
  }

  /** Users and roles as they may be judged by now, handed on at once where they are known. */
  private static void judge(AuthView view, Consumer<Judge> then, Consumer<Throwable> unreachable) {
    Optional<Judge> known = view.valid();
    if (known.isPresent()) {
      then.accept(known.get());
      return;
    }
    var unused = view.fresh().whenComplete((judge, failure) -> {
      if (failure == null) {
        then.accept(judge);
      } else {
        unreachable.accept(failure);
      }
    });
  }

  // ------------------------------------------------------------------ requests

  /**
   * The way to the regions for one stream.
   *
   * @param onStranger hears when its maker turns out to be nobody
   */
  RegionDispatch of(Principal who, Consumer<AuthError> onStranger) {
    AuthView rules = view;
    return rules == null || who.isSystem()
        ? regions
        : (envelope, request, sink) -> judge(
            rules,
            judge -> admit(new Asked(envelope, request, sink, judge, who, onStranger)),
            failure -> sink.accept(unreachable(request)));
  }

  /** A request that is judged. */
  private record Asked(
      Envelope envelope,
      Request request,
      Consumer<Response> sink,
      Judge judge,
      Principal who,
      Consumer<AuthError> onStranger) {
    RequestRules rules() {
      return new RequestRules(judge, who);
    }
  }

  private void admit(Asked asked) {
    Optional<AuthError> stranger = asked.judge().refusal(asked.who());
    Optional<AuthError> refusal =
        stranger.isPresent() ? stranger : asked.rules().refusal(asked.request());
    if (refusal.isPresent()) {
      asked.sink().accept(refused(asked.request(), refusal.get()));
      stranger.ifPresent(asked.onStranger());
    } else if (asked.judge().refusalToAdminister(asked.who()).isEmpty()) {
      regions.handle(asked.envelope(), asked.request(), asked.sink());
    } else if (asked.request().hasLeaseRevoke()) {
      revoke(asked);
    } else if (asked.request().hasLeaseKeys()) {
      regions.handle(
          asked.envelope(), asked.request(), answer -> asked.sink().accept(shown(asked, answer)));
    } else {
      regions.handle(asked.envelope(), asked.request(), asked.sink());
    }
  }

  private void revoke(Asked asked) {
    long lease = asked.request().getLeaseRevoke().getId();
    var unused = leaseKeys.apply(lease).whenComplete((keys, failure) -> {
      Optional<AuthError> refusal =
          failure == null ? asked.rules().refusalToRevoke(keys) : Optional.empty();
      if (failure != null) {
        asked.sink().accept(unreachable(asked.request()));
      } else if (refusal.isPresent()) {
        asked.sink().accept(refused(asked.request(), refusal.get()));
      } else {
        regions.handle(asked.envelope(), asked.request(), asked.sink());
      }
    });
  }

  private static Response shown(Asked asked, Response answer) {
    List<ByteString> keys = answer.getLeaseKeys().getKeysList();
    return asked
        .rules()
        .refusalToShow(keys.stream().map(Bytes::of).toList())
        .map(refusal -> refused(asked.request(), refusal))
        .orElse(answer);
  }

  private static Response refused(Request request, AuthError why) {
    return Response.newBuilder()
        .setRequestId(request.getRequestId())
        .setRefusal(
            Refusal.newBuilder().setCode(RefusalCode.PERMISSION_DENIED).setMessage(why.text()))
        .build();
  }

  private static Response unreachable(Request request) {
    return Response.newBuilder()
        .setRequestId(request.getRequestId())
        .setRegionError(Wire.error(new RegionError.Unavailable(
            "the placement driver does not say who may do what: try again")))
        .build();
  }

  // ------------------------------------------------------------------ watches

  /** The judgement of the watches of one stream. */
  OfWatches ofWatches(Principal who) {
    return new OfWatches(view, who);
  }

  /** Of one stream: its messages are judged one after the other. Thread: guarded by itself; what follows runs outside. */
  static final class OfWatches {
    private final @Nullable AuthView view;
    private final Principal who;
    private CompletableFuture<Boolean> before = CompletableFuture.completedFuture(true);

    private OfWatches(@Nullable AuthView view, Principal who) {
      this.view = view;
      this.who = who;
    }

    /**
     * Hands on, after what came before, why the maker of the stream may not watch a range.
     *
     * @param unreachable hears what the stream must end with, since nobody could be asked
     */
    void judged(
        WatchRequest request,
        Consumer<Function<KeyRange, Optional<AuthError>>> then,
        Consumer<Status> unreachable) {
      AuthView rules = view;
      if (rules == null || who.isSystem()) {
        then.accept(range -> Optional.empty());
        return;
      }
      CompletableFuture<Judge> judge = request.getCreatesCount() == 0
          ? CompletableFuture.completedFuture(new Judge(AuthImage.EMPTY))
          : rules.valid().map(CompletableFuture::completedFuture).orElseGet(rules::fresh);
      CompletableFuture<Boolean> mine;
      synchronized (this) {
        mine = before.thenCombine(judge, (done, known) -> {
          then.accept(range -> known.refusalToRead(who, range));
          return done;
        });
        before = mine.exceptionally(failure -> false);
      }
      var unused = mine.whenComplete((done, failure) -> {
        if (failure != null) {
          unreachable.accept(Status.UNAVAILABLE.withDescription(
              "the placement driver does not say who may do what: try again"));
        }
      });
    }
  }
}
