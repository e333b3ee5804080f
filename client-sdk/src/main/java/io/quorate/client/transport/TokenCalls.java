package io.quorate.client.transport;

import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.quorate.auth.AuthError;
import io.quorate.auth.Callers;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Puts a token on each call of one channel. Owned by the channel's factory. Thread: a call goes on on the channel's loop, also when
 * its token has to be fetched first.
 */
final class TokenCalls implements ClientInterceptor {
  private final Supplier<@Nullable CallTokens> source;
  private final Executor loop;

  TokenCalls(Supplier<@Nullable CallTokens> source, Executor loop) {
    this.source = source;
    this.loop = loop;
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    CallTokens tokens = source.get();
    if (tokens == null || tokens.isOpen(method.getFullMethodName())) {
      return next.newCall(method, options);
    }
    return new SimpleForwardingClientCall<>(
        next.newCall(method, options.withCallCredentials(new Proof(tokens)))) {
      @Override
      public void start(Listener<A> listener, Metadata headers) {
        super.start(
            new SimpleForwardingClientCallListener<>(listener) {
              @Override
              public void onClose(Status status, Metadata trailers) {
                if (isRefusal(status)) {
                  tokens.refused();
                }
                super.onClose(status, trailers);
              }
            },
            headers);
      }
    };
  }

  private static boolean isRefusal(Status status) {
    return status.getCode() == Status.Code.UNAUTHENTICATED
        || AuthError.USER_EMPTY.text().equals(status.getDescription());
  }

  /** Of one call. */
  private final class Proof extends CallCredentials {
    private final CallTokens tokens;

    Proof(CallTokens tokens) {
      this.tokens = tokens;
    }

    @Override
    public void applyRequestMetadata(RequestInfo info, Executor executor, MetadataApplier applier) {
      CompletableFuture<Optional<String>> token = tokens.token();
      BiConsumer<Optional<String>, Throwable> then = (found, failure) -> {
        if (failure == null) {
          Metadata headers = new Metadata();
          found.ifPresent(text -> headers.put(Callers.TOKEN, text));
          applier.apply(headers);
        } else {
          applier.fail(Status.UNAUTHENTICATED
              .withDescription(String.valueOf(failure.getMessage()))
              .withCause(failure));
        }
      };
      var unused = token.isDone() ? token.whenComplete(then) : token.whenCompleteAsync(then, loop);
    }
  }
}
