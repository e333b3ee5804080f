package io.quorate.raft.host;

import com.alipay.sofa.jraft.rpc.InvokeCallback;
import com.google.protobuf.Message;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A call of our own over jraft's transport. */
record CallFuture(CompletableFuture<Message> answer) implements InvokeCallback {
  @Override
  public void complete(@Nullable Object result, @Nullable Throwable failure) {
    if (failure != null) {
      answer.completeExceptionally(failure);
    } else {
      answer.complete((Message) result);
    }
  }
}
