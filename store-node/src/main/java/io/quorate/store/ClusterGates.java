package io.quorate.store;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.quorate.auth.Callers;
import io.quorate.auth.ClusterKey;
import io.quorate.client.transport.ListenerTls;
import java.util.List;
import java.util.Optional;

/** What calls pass before they reach a service, where the cluster has a key. Stateless. */
final class ClusterGates {
  private static final Status NOT_OF_THE_CLUSTER = Status.UNAUTHENTICATED.withDescription(
      "only processes of the cluster may ask this: start yours with the cluster's --cluster-key");

  private ClusterGates() {}

  /** Of a port for clients: who calls is found out; what he may do is judged where it is asked. */
  static List<ServerInterceptor> ofClients(Optional<ClusterKey> key, Optional<ListenerTls> tls) {
    boolean certificates = tls.map(ListenerTls::demanding).orElse(false);
    return key.map(known -> List.of(Callers.proving(known, certificates))).orElse(List.of());
  }

  /** Of a port for the cluster's own processes: nobody else may call. */
  static List<ServerInterceptor> ofPeers(Optional<ClusterKey> key) {
    return key.map(
            known -> List.of(Callers.proving(known, /* certificates= */ false), new SystemOnly()))
        .orElse(List.of());
  }

  /** Turns all others away. */
  private static final class SystemOnly implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      if (Callers.current().isSystem()) {
        return next.startCall(call, headers);
      }
      call.close(NOT_OF_THE_CLUSTER, new Metadata());
      return new ServerCall.Listener<>() {};
    }
  }
}
