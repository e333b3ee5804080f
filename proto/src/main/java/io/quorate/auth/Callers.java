package io.quorate.auth;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.time.Duration;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * How a call says who makes it: a token in the header {@code token}, as etcd's clients send it. Stateless; the only part here that
 * knows a clock, since tokens end.
 */
public final class Callers {
  /** Carries the token. */
  public static final Metadata.Key<String> TOKEN =
      Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

  private static final Context.Key<Principal> WHO = Context.key("quorate-caller");

  /** A process's token is made anew for each call or stream; it only has to get there. */
  private static final Duration SYSTEM_TOKEN_TTL = Duration.ofMinutes(5);

  private static final long MILLIS = 1000;

  private Callers() {}

  /** Who makes the call in hand. Read on the thread that a call comes in on. */
  public static Principal current() {
    Principal who = WHO.get();
    return who == null ? Principal.ANONYMOUS : who;
  }

  /** Seconds since 1970. */
  public static long now() {
    return System.currentTimeMillis() / MILLIS;
  }

  /** Puts the proof that this is a process of the cluster on each call. */
  public static ClientInterceptor asSystem(ClusterKey key) {
    return new ClientInterceptor() {
      @Override
      public <Q, A> ClientCall<Q, A> interceptCall(
          MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
          @Override
          public void start(Listener<A> listener, Metadata headers) {
            headers.put(TOKEN, systemToken(key));
            super.start(listener, headers);
          }
        };
      }
    };
  }

  /** A fresh proof that this is a process of the cluster. */
  public static String systemToken(ClusterKey key) {
    return key.sign(Principal.SYSTEM, now() + SYSTEM_TOKEN_TTL.toSeconds());
  }

  /**
   * Finds out who makes each call.
   *
   * @param certificates whether the common name of a client's certificate, where it shows no token, names a user
   */
  public static ServerInterceptor proving(ClusterKey key, boolean certificates) {
    return new ServerInterceptor() {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        Context context = Context.current().withValue(WHO, who(key, call, headers, certificates));
        return Contexts.interceptCall(context, call, headers, next);
      }
    };
  }

  private static Principal who(
      ClusterKey key, ServerCall<?, ?> call, Metadata headers, boolean certificates) {
    String token = headers.get(TOKEN);
    if (token != null) {
      return key.verify(token, now()).orElse(Principal.UNPROVEN);
    }
    SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
    return certificates && session != null
        ? commonName(session).map(Principal::certified).orElse(Principal.ANONYMOUS)
        : Principal.ANONYMOUS;
  }

  private static Optional<String> commonName(SSLSession session) {
    try {
      for (Rdn part : new LdapName(session.getPeerPrincipal().getName()).getRdns()) {
        if (part.getType().equalsIgnoreCase("CN")) {
          return Optional.of(String.valueOf(part.getValue()));
        }
      }
      return Optional.empty();
    } catch (SSLPeerUnverifiedException | InvalidNameException e) {
      return Optional.empty();
    }
  }
}
