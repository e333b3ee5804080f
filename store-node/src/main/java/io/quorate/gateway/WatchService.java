package io.quorate.gateway;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.auth.Callers;
import io.quorate.auth.Principal;
import io.quorate.client.QuorateClient;
import io.quorate.proto.etcd.WatchGrpc;
import io.quorate.proto.etcd.WatchRequest;
import io.quorate.proto.etcd.WatchResponse;
import java.time.Duration;

/** etcd's Watch service over any number of regions. Owned by a gateway. Thread: streams come in on I/O threads, which never wait here. */
final class WatchService extends WatchGrpc.WatchImplBase {
  private final QuorateClient client;
  private final ResponseHeaders headers;
  private final Access access;
  private final Duration progress;

  /**
   * Watches for one gateway's clients.
   *
   * @param progress how often an idle watch that wants progress is told of it
   */
  WatchService(QuorateClient client, ResponseHeaders headers, Access access, Duration progress) {
    this.client = client;
    this.headers = headers;
    this.access = access;
    this.progress = progress;
  }

  @Override
  public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> answer) {
    Principal who = Callers.current();
    return new EtcdWatchStream(
        client,
        headers,
        range -> access.refusalToWatch(who, range),
        progress,
        (ServerCallStreamObserver<WatchResponse>) answer);
  }
}
