package io.quorate.placement.node;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.quorate.auth.AuthError;
import io.quorate.auth.AuthImage;
import io.quorate.auth.Callers;
import io.quorate.auth.Judge;
import io.quorate.auth.Principal;
import io.quorate.proto.AuthPlacementGrpc;
import io.quorate.proto.HistoryServiceGrpc;
import io.quorate.proto.PlacementServiceGrpc;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Lets nobody ask PD what is not his to ask. What is not listed is for root. Owned by the node; any thread.
 *
 * <p>Streams are judged with every message: one that was opened before users were asked who they are ends then.
 */
final class PlacementGate implements ServerInterceptor {
  /** Who may make a call. */
  private enum Level {
    /** Anybody. */
    OPEN,
    /** Who has logged in. */
    USER,
    ROOT,
    /** Processes of the cluster, as soon as there is a key to know them by. */
    SYSTEM
  }

  private static final Map<String, Level> LEVELS = Map.ofEntries(
      Map.entry(PlacementServiceGrpc.getMembersMethod().getFullMethodName(), Level.OPEN),
      Map.entry(PlacementServiceGrpc.getOracleMethod().getFullMethodName(), Level.USER),
      Map.entry(PlacementServiceGrpc.getLookupRegionsMethod().getFullMethodName(), Level.USER),
      Map.entry(PlacementServiceGrpc.getWatchRegionsMethod().getFullMethodName(), Level.USER),
      Map.entry(PlacementServiceGrpc.getListStoresMethod().getFullMethodName(), Level.USER),
      Map.entry(PlacementServiceGrpc.getJoinStoreMethod().getFullMethodName(), Level.SYSTEM),
      Map.entry(PlacementServiceGrpc.getHeartbeatMethod().getFullMethodName(), Level.SYSTEM),
      Map.entry(PlacementServiceGrpc.getAllocateIdsMethod().getFullMethodName(), Level.SYSTEM),
      Map.entry(PlacementServiceGrpc.getAskSplitMethod().getFullMethodName(), Level.SYSTEM),
      // As in etcd, where whoever has logged in may compact.
      Map.entry(HistoryServiceGrpc.getCompactMethod().getFullMethodName(), Level.USER),
      Map.entry(HistoryServiceGrpc.getShowHistoryMethod().getFullMethodName(), Level.USER),
      Map.entry(AuthPlacementGrpc.getLogInMethod().getFullMethodName(), Level.OPEN),
      // Judged by what it asks for.
      Map.entry(AuthPlacementGrpc.getAdministerMethod().getFullMethodName(), Level.OPEN),
      Map.entry(AuthPlacementGrpc.getShowRulesMethod().getFullMethodName(), Level.SYSTEM));

  private static final String RAFT = "quorate.RaftTransport";

  private static final Status NO_KEY = Status.UNAVAILABLE.withDescription(
      "authentication is enabled, but this placement driver has no key: start it with --cluster-key");
  private static final Status NOT_OF_THE_CLUSTER = Status.UNAUTHENTICATED.withDescription(
      "only processes of the cluster may ask this: start yours with the cluster's --cluster-key");

  private final boolean keyed;
  private final Supplier<AuthImage> image;

  /**
   * A gate.
   *
   * @param keyed whether this process has the cluster's key
   * @param image users and roles as this member knows them
   */
  PlacementGate(boolean keyed, Supplier<AuthImage> image) {
    this.keyed = keyed;
    this.image = image;
  }

  private Optional<Status> refusal(Level level, Principal who) {
    AuthImage now = image.get();
    if (level == Level.OPEN) {
      return Optional.empty();
    }
    if (!keyed) {
      return now.enabled() ? Optional.of(NO_KEY) : Optional.empty();
    }
    Judge judge = new Judge(now);
    return switch (level) {
      case OPEN -> Optional.empty();
      case SYSTEM -> who.isSystem() ? Optional.empty() : Optional.of(NOT_OF_THE_CLUSTER);
      case USER -> judge.refusal(who).map(AuthError::status);
      case ROOT -> judge.refusalToAdminister(who).map(AuthError::status);
    };
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    String method = call.getMethodDescriptor().getFullMethodName();
    Level level = RAFT.equals(call.getMethodDescriptor().getServiceName())
        ? Level.SYSTEM
        : LEVELS.getOrDefault(method, Level.ROOT);
    Principal who = Callers.current();
    Optional<Status> refusal = refusal(level, who);
    if (refusal.isPresent()) {
      call.close(refusal.get(), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    boolean unary = call.getMethodDescriptor().getType().clientSendsOneMessage()
        && call.getMethodDescriptor().getType().serverSendsOneMessage();
    if (unary || !keyed || level == Level.OPEN || who.isSystem()) {
      return next.startCall(call, headers);
    }
    return new Watched<>(call, level, who).listen(headers, next);
  }

  /** A stream that ends once its caller may not have it any more. */
  private final class Watched<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final Level level;
    private final Principal who;
    private boolean over;

    Watched(ServerCall<Q, A> call, Level level, Principal who) {
      super(call);
      this.level = level;
      this.who = who;
    }

    ServerCall.Listener<Q> listen(Metadata headers, ServerCallHandler<Q, A> next) {
      return new SimpleForwardingServerCallListener<>(next.startCall(this, headers)) {
        @Override
        public void onMessage(Q message) {
          if (passes()) {
            super.onMessage(message);
          } else {
            super.onCancel();
          }
        }
      };
    }

    private synchronized boolean passes() {
      Optional<Status> refusal = over ? Optional.empty() : refusal(level, who);
      if (refusal.isPresent()) {
        over = true;
        super.close(refusal.get(), new Metadata());
      }
      return !over;
    }

    @Override
    public synchronized void sendMessage(A message) {
      if (passes()) {
        super.sendMessage(message);
      }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
      if (!over) {
        over = true;
        super.close(status, trailers);
      }
    }

    @Override
    public synchronized boolean isCancelled() {
      return over || super.isCancelled();
    }
  }
}
