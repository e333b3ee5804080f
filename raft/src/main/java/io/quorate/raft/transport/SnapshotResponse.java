package io.quorate.raft.transport;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.quorate.proto.SnapshotPiece;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The answering end of one fetch; made on the server's thread, used by the sender's. */
final class SnapshotResponse implements SnapshotOutput {
  private static final long STALL_SECONDS = 30;

  private final ServerCallStreamObserver<SnapshotPiece> response;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  SnapshotResponse(ServerCallStreamObserver<SnapshotPiece> response) {
    this.response = response;
    response.setOnReadyHandler(this::wake);
    response.setOnCancelHandler(this::wake);
  }

  private void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void send(SnapshotPiece piece) throws InterruptedException {
    lock.lock();
    try {
      long left = TimeUnit.SECONDS.toNanos(STALL_SECONDS);
      while (!response.isReady() && !response.isCancelled()) {
        if (left <= 0) {
          throw new IllegalStateException("the receiver takes nothing");
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
    if (response.isCancelled()) {
      throw new IllegalStateException("the receiver is gone");
    }
    response.onNext(piece);
  }

  @Override
  public void end() {
    response.onCompleted();
  }

  @Override
  public void refuse(String why) {
    if (!response.isCancelled()) {
      response.onError(Status.UNAVAILABLE.withDescription(why).asRuntimeException());
    }
  }
}
