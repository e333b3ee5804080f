package io.quorate.raft.counter;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Swallows what cut-off stores say to others and hear from them, without closing a connection. Any thread. */
final class Partition {
  private final Set<Long> cut = ConcurrentHashMap.newKeySet();

  void cutOff(long store) {
    cut.add(store);
  }

  void heal() {
    cut.clear();
  }

  private boolean swallows(long from, long to) {
    return cut.contains(from) || cut.contains(to);
  }

  ClientInterceptor between(long from, long to) {
    return new ClientInterceptor() {
      @Override
      public <Q, A> ClientCall<Q, A> interceptCall(
          MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        return new Call<>(next.newCall(method, options), from, to);
      }
    };
  }

  private final class Call<Q, A> extends SimpleForwardingClientCall<Q, A> {
    private final long from;
    private final long to;

    Call(ClientCall<Q, A> call, long from, long to) {
      super(call);
      this.from = from;
      this.to = to;
    }

    @Override
    public void start(Listener<A> listener, Metadata headers) {
      super.start(
          new SimpleForwardingClientCallListener<>(listener) {
            @Override
            public void onMessage(A message) {
              if (swallows(to, from)) {
                request(1);
              } else {
                super.onMessage(message);
              }
            }
          },
          headers);
    }

    @Override
    public void sendMessage(Q message) {
      if (!swallows(from, to)) {
        super.sendMessage(message);
      }
    }
  }
}
