package io.quorate.placement.node;

import io.grpc.stub.ServerCallStreamObserver;
import io.quorate.placement.registry.RegistryHost;
import io.quorate.proto.RegionsChanged;

/** One watcher of the region map. Thread: gRPC's of the call; written to by any. */
final class WatchStream extends GrpcSink<RegionsChanged> {
  private final RegistryHost registry;

  WatchStream(ServerCallStreamObserver<RegionsChanged> out, RegistryHost registry) {
    super(out);
    this.registry = registry;
  }

  @Override
  protected void onReady() {
    registry.onReady(this);
  }

  @Override
  protected void onGone() {
    registry.unwatch(this);
  }
}
