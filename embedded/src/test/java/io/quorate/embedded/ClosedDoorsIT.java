package io.quorate.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.quorate.auth.AuthError;
import io.quorate.auth.Callers;
import io.quorate.auth.ClusterKey;
import io.quorate.proto.AdministerRequest;
import io.quorate.proto.AuthPlacementGrpc;
import io.quorate.proto.HistoryServiceGrpc;
import io.quorate.proto.PlacementAdminGrpc;
import io.quorate.proto.PlacementServiceGrpc;
import io.quorate.proto.RaftTransportGrpc;
import io.quorate.proto.etcd.AuthEnableRequest;
import io.quorate.proto.etcd.AuthGrpc;
import io.quorate.proto.etcd.AuthUserAddRequest;
import io.quorate.proto.etcd.AuthUserGrantRoleRequest;
import io.quorate.proto.etcd.ClusterGrpc;
import io.quorate.proto.etcd.KVGrpc;
import io.quorate.proto.etcd.LeaseGrpc;
import io.quorate.proto.etcd.MaintenanceGrpc;
import io.quorate.proto.etcd.election.ElectionGrpc;
import io.quorate.proto.etcd.lock.LockGrpc;
import io.quorate.proto.health.HealthGrpc;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * With authentication enabled, every method of every service on every port is called by somebody who shows no token, or a wrong one:
 * what answers is what is meant to. A method that nobody thought of shows up here. The native protocol's stream of requests and its
 * watches are judged by their messages: {@code EtcdAuthIT} asks those.
 */
class ClosedDoorsIT {
  private static final long PATIENCE_SECONDS = 60;

  private static final RawMessages RAW = new RawMessages();

  private static EmbeddedCluster cluster;

  @BeforeAll
  static void enable() {
    cluster =
        EmbeddedCluster.builder().stores(1).clusterKey(ClusterKey.random()).start();
    administer(call ->
        call.setUserAdd(AuthUserAddRequest.newBuilder().setName("root").setPassword("secret")));
    administer(call ->
        call.setGrantRole(AuthUserGrantRoleRequest.newBuilder().setUser("root").setRole("root")));
    administer(call -> call.setEnable(AuthEnableRequest.getDefaultInstance()));
  }

  private static void administer(Consumer<AdministerRequest.Builder> change) {
    AdministerRequest.Builder request = AdministerRequest.newBuilder();
    change.accept(request);
    assertThat(cluster
            .client()
            .placement()
            .auth()
            .administer(request.build())
            .join()
            .getRefusal())
        .isEmpty();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  /** The names of the methods that did not refuse for want of a proof. */
  private static Set<String> open(
      String address, @Nullable String token, ServiceDescriptor... services) throws Exception {
    ManagedChannel channel =
        NettyChannelBuilder.forTarget(address).usePlaintext().build();
    Set<String> open = new TreeSet<>();
    try {
      for (ServiceDescriptor service : services) {
        for (MethodDescriptor<?, ?> method : service.getMethods()) {
          Status status = ended(channel, method, token);
          if (!isRefusal(status)) {
            open.add(method.getBareMethodName() + ": " + status.getCode());
          }
        }
      }
    } finally {
      channel.shutdownNow();
    }
    return open;
  }

  private static boolean isRefusal(Status status) {
    return status.getCode() == Status.Code.UNAUTHENTICATED
        || status.getCode() == Status.Code.PERMISSION_DENIED
        || AuthError.USER_EMPTY.text().equals(status.getDescription());
  }

  /** How a call with an empty message ends. */
  private static Status ended(
      ManagedChannel channel, MethodDescriptor<?, ?> method, @Nullable String token)
      throws Exception {
    MethodDescriptor<byte[], byte[]> raw = MethodDescriptor.<byte[], byte[]>newBuilder()
        .setType(method.getType())
        .setFullMethodName(method.getFullMethodName())
        .setRequestMarshaller(RAW)
        .setResponseMarshaller(RAW)
        .build();
    CompletableFuture<Status> closed = new CompletableFuture<>();
    ClientCall<byte[], byte[]> call = channel.newCall(
        raw, CallOptions.DEFAULT.withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS));
    Metadata headers = new Metadata();
    if (token != null) {
      headers.put(Callers.TOKEN, token);
    }
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            closed.complete(status);
          }
        },
        headers);
    call.request(2);
    call.sendMessage(new byte[0]);
    call.halfClose();
    return closed.get(2 * PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private static final ServiceDescriptor[] OF_PD = {
    PlacementServiceGrpc.getServiceDescriptor(),
    PlacementAdminGrpc.getServiceDescriptor(),
    HistoryServiceGrpc.getServiceDescriptor(),
    AuthPlacementGrpc.getServiceDescriptor(),
    RaftTransportGrpc.getServiceDescriptor()
  };

  /** Watches are judged in their stream, and answer there; {@code EtcdAuthIT} shows it. */
  private static final ServiceDescriptor[] OF_ETCD = {
    KVGrpc.getServiceDescriptor(),
    LeaseGrpc.getServiceDescriptor(),
    ClusterGrpc.getServiceDescriptor(),
    MaintenanceGrpc.getServiceDescriptor(),
    AuthGrpc.getServiceDescriptor(),
    LockGrpc.getServiceDescriptor(),
    ElectionGrpc.getServiceDescriptor(),
    HealthGrpc.getServiceDescriptor()
  };

  /** Who leads, and logging in. Administering is judged by what is asked: here for nothing, which is refused in the answer. */
  @Test
  void placementDrivers() throws Exception {
    for (String token : new @Nullable String[] {null, "none", foreign()}) {
      assertThat(open(cluster.pdAddress(1), token, OF_PD))
          .containsExactly("Administer: OK", "LogIn: OK", "Members: OK");
    }
  }

  /** A key that is not this cluster's. */
  private static String foreign() {
    return Callers.systemToken(ClusterKey.random());
  }

  @Test
  void portsForStores() throws Exception {
    for (String token : new @Nullable String[] {null, "none", foreign()}) {
      assertThat(open(cluster.storePeerAddress(1), token, RaftTransportGrpc.getServiceDescriptor()))
          .isEmpty();
    }
  }

  /** What etcd, too, answers anybody; the changes of members are refused as unknown members. */
  @Test
  void portsForClients() throws Exception {
    for (String token : new @Nullable String[] {null, "none", foreign()}) {
      assertThat(open(cluster.storeAddress(1), token, OF_ETCD))
          .containsExactly(
              "Alarm: OK",
              "AuthStatus: OK",
              "Authenticate: INVALID_ARGUMENT",
              "Check: OK",
              "MemberList: OK",
              "Status: OK",
              "Watch: UNIMPLEMENTED");
    }
  }

  /** A store without the key cannot ask who somebody is: it may not go on beside placement drivers that have one. */
  @Test
  void aStoreWithoutTheKeyStopsOnceTheDriversHaveOne() throws Exception {
    EmbeddedCluster.Builder plan = EmbeddedCluster.builder().stores(1);
    try (EmbeddedCluster keyless = plan.start()) {
      keyless.stopPd(1);
      // What starts from now on has it.
      plan.clusterKey(ClusterKey.random());
      keyless.startPd(1);
      assertThat(keyless.store(1).orElseThrow().failure().get(PATIENCE_SECONDS, TimeUnit.SECONDS))
          .contains("--cluster-key");
    }
  }
}
