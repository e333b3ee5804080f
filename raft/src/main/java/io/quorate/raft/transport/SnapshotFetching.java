package io.quorate.raft.transport;

import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.quorate.proto.RaftTransportGrpc;
import io.quorate.proto.SnapshotFetch;
import io.quorate.proto.SnapshotPiece;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One snapshot being fetched, on a connection of its own; the caller's thread waits, any other may cancel. Used once. */
public final class SnapshotFetching {
  private final Context.CancellableContext context = Context.ROOT.withCancellation();

  /** Brings the pieces, in order; throws IllegalStateException when they stop coming or the sink throws. */
  void run(
      ManagedChannel channel,
      SnapshotFetch wanted,
      long timeoutMillis,
      Consumer<SnapshotPiece> sink) {
    Context before = context.attach();
    try {
      Iterator<SnapshotPiece> pieces = RaftTransportGrpc.newBlockingStub(channel)
          .withDeadlineAfter(timeoutMillis, TimeUnit.MILLISECONDS)
          .fetchSnapshot(wanted);
      while (pieces.hasNext()) {
        sink.accept(pieces.next());
      }
    } catch (StatusRuntimeException e) {
      throw new IllegalStateException("the sender says: " + e.getStatus().getDescription(), e);
    } finally {
      context.detach(before);
      context.cancel(null);
      channel.shutdownNow();
    }
  }

  public void cancel() {
    context.cancel(null);
  }
}
