package io.quorate.gateway;

import com.google.protobuf.Message;
import io.quorate.auth.AuthError;
import io.quorate.auth.Judge;
import io.quorate.auth.Principal;
import io.quorate.client.QuorateClient;
import io.quorate.client.lease.LeaseStatus;
import io.quorate.client.placement.AuthView;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.etcd.LeaseRevokeRequest;
import io.quorate.proto.etcd.LeaseTimeToLiveRequest;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Whether callers of a gateway may do what they ask, by users and roles as they are when they ask. Owned by the gateway; any
 * thread, never waits.
 */
final class Access {
  private final QuorateClient client;
  /** Null where the gateway has no key of the cluster: then it can ask nobody who he is, and the stores let it do little. */
  private final @Nullable AuthView view;

  Access(QuorateClient client, boolean keyed) {
    this.client = client;
    this.view = keyed ? new AuthView(client.placement(), System::nanoTime) : null;
  }

  /** Whether nobody is asked. */
  boolean isOpen() {
    return view == null;
  }

  private CompletableFuture<Judge> judge(AuthView rules) {
    return rules.valid().map(CompletableFuture::completedFuture).orElseGet(rules::fresh);
  }

  /** What a rule says; at once where users and roles are known. */
  CompletableFuture<Optional<AuthError>> refusal(Function<Judge, Optional<AuthError>> rule) {
    AuthView rules = view;
    return rules == null
        ? CompletableFuture.completedFuture(Optional.empty())
        : judge(rules).thenApply(rule);
  }

  /** Why the caller may not watch the keys; empty if it may. */
  CompletableFuture<Optional<AuthError>> refusalToWatch(Principal who, KeyRange keys) {
    return refusal(judge -> judge.refusalToRead(who, keys));
  }

  /** Why the caller may not ask this; empty if it may. */
  CompletableFuture<Optional<AuthError>> refusal(Principal who, Message request) {
    AuthView rules = view;
    if (rules == null) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    return judge(rules).thenCompose(judge -> {
      EtcdRules etcd = new EtcdRules(judge, who);
      Optional<AuthError> refusal = etcd.refusal(request);
      if (refusal.isPresent() || judge.refusalToAdminister(who).isEmpty()) {
        return CompletableFuture.completedFuture(refusal);
      } else if (request instanceof LeaseRevokeRequest revoke) {
        return keys(revoke.getID()).thenApply(etcd::refusalToRevoke);
      } else if (request instanceof LeaseTimeToLiveRequest asked && asked.getKeys()) {
        return keys(asked.getID()).thenApply(etcd::refusalToShow);
      }
      return CompletableFuture.completedFuture(refusal);
    });
  }

  CompletableFuture<List<Bytes>> keys(long lease) {
    return client.leases().timeToLive(lease, true).thenApply(LeaseStatus::keys);
  }
}
