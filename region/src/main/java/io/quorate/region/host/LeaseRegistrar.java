package io.quorate.region.host;

import io.quorate.model.Bytes;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionError;
import io.quorate.proto.RefusalCode;
import io.quorate.region.command.Command;
import io.quorate.region.command.Operation;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.Put;
import io.quorate.region.command.Refusal;
import io.quorate.region.command.Restore;
import io.quorate.region.command.TransactionCommand;
import io.quorate.region.command.Txn;
import io.quorate.region.lease.DataCommand;
import io.quorate.region.lease.LeaseHomes;
import io.quorate.region.lease.LeaseView;
import io.quorate.region.lease.StoreLeases;
import io.quorate.region.mvcc.KeyVersion;
import io.quorate.region.storage.RegionStore;
import io.quorate.region.transaction.Prewrite;
import io.quorate.region.transaction.WriteAtOnce;
import io.quorate.region.transaction.Writes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Sees that a lease's home knows of this region before a key is put under the lease here. Owned by the region's host; every
 * method runs on its mailbox.
 */
final class LeaseRegistrar {
  /** A write that waits for the homes of the leases it names. */
  private static final class Waiting {
    final Call call;
    int left;
    /** Why it cannot go on, if so. */
    @Nullable
    String trouble;

    Waiting(Call call, int left) {
      this.call = call;
      this.left = left;
    }
  }

  private final RegionHost host;
  private final RegionStore store;
  private final StoreLeases around;
  private final LeaseLoop leases;
  private final Map<Long, List<Waiting>> asked = new HashMap<>();

  LeaseRegistrar(RegionHost host, RegionStore store, StoreLeases around, LeaseLoop leases) {
    this.host = host;
    this.store = store;
    this.around = around;
    this.leases = leases;
  }

  /** Whether the command names a lease. */
  static boolean namesLeases(Operation operation) {
    if (operation instanceof Put put) {
      return put.lease() != 0;
    }
    if (operation instanceof TransactionCommand) {
      return writes(operation).stream().anyMatch(write -> write.intent().lease() != 0);
    }
    if (operation instanceof Restore restore) {
      return restore.kvs().stream().anyMatch(kv -> kv.version().lease() != 0);
    }
    return operation instanceof Txn txn
        && (txn.success().stream().anyMatch(LeaseRegistrar::namesLeases)
            || txn.failure().stream().anyMatch(LeaseRegistrar::namesLeases));
  }

  /** What a transaction over several regions would put here. */
  private static List<Writes.Write> writes(Operation operation) {
    if (operation instanceof Prewrite prewrite) {
      return prewrite.what().writes();
    }
    return operation instanceof WriteAtOnce once ? once.what().writes() : List.of();
  }

  /** The leases named that this region may not yet put those keys under. */
  private Set<Long> unregistered(Command command) {
    Set<Long> found = new TreeSet<>();
    collect(command, store.leases(), found);
    return found;
  }

  private static void collect(Operation operation, LeaseView view, Set<Long> to) {
    if (operation instanceof Put put) {
      collect(put.key(), put.lease(), view, to);
    } else if (operation instanceof TransactionCommand) {
      writes(operation).forEach(write -> collect(write.key(), write.intent().lease(), view, to));
    } else if (operation instanceof Restore restore) {
      for (KeyVersion kv : restore.kvs()) {
        collect(kv.key(), kv.version().lease(), view, to);
      }
    } else if (operation instanceof Txn txn) {
      txn.success().forEach(inner -> collect(inner, view, to));
      txn.failure().forEach(inner -> collect(inner, view, to));
    }
  }

  private static void collect(Bytes key, long lease, LeaseView view, Set<Long> to) {
    if (lease != 0 && !to.contains(lease) && !view.admits(lease, key)) {
      to.add(lease);
    }
  }

  /** Takes in an admitted write that names leases: it is queued once their homes know of this region. */
  void admit(Call call) {
    Set<Long> missing = unregistered(call.command());
    missing.removeAll(call.unknownLeases());
    if (missing.isEmpty()) {
      host.writes().add(call);
      return;
    }
    if (asked.size() + missing.size() > around.config().maxRegistering()) {
      call.fail(host.errors().busy("too many leases are being registered at the region"));
      return;
    }
    Waiting waiting = new Waiting(call, missing.size());
    for (long lease : missing) {
      List<Waiting> same = asked.get(lease);
      if (same == null) {
        same = new ArrayList<>();
        asked.put(lease, same);
        ask(lease);
      }
      same.add(waiting);
    }
  }

  private void ask(long lease) {
    RegionDescriptor region = host.descriptor();
    CompletableFuture<Optional<LeaseHomes.Registered>> answer =
        around.homes().register(lease, region.range());
    var unused = answer.whenComplete((registered, failure) ->
        host.post(() -> onAnswer(lease, failure == null ? registered : Optional.empty(), failure)));
  }

  private void onAnswer(
      long lease, Optional<LeaseHomes.Registered> registered, @Nullable Throwable failure) {
    List<Waiting> told = asked.remove(lease);
    if (told == null) {
      return;
    }
    if (registered.isPresent()) {
      LeaseHomes.Registered home = registered.get();
      // Goes before those that wait for it, in the same order of writes.
      leases.submit(
          new DataCommand.Attach(lease, home.grantRevision(), home.range(), home.homeRevision()),
          response -> {});
    }
    for (Waiting waiting : told) {
      if (failure != null) {
        waiting.trouble = "the home of lease " + Long.toHexString(lease) + ": " + failure;
      } else if (registered.isEmpty()) {
        waiting.call.unknownLeases().add(lease);
      }
      if (--waiting.left == 0) {
        goOn(waiting);
      }
    }
  }

  private void goOn(Waiting waiting) {
    Call call = waiting.call;
    String trouble = waiting.trouble;
    if (call.answered()) {
      return;
    }
    if (host.term() == 0) {
      call.fail(host.errors().notLeader());
    } else if (!host.ownsKeys(call)) {
      call.fail(host.errors().epochMismatch());
    } else if (trouble != null) {
      call.fail(host.errors().unavailable(trouble));
    } else if (!(call.command() instanceof Txn) && !call.unknownLeases().isEmpty()) {
      call.refuse(Refusal.LEASE_NOT_FOUND);
    } else {
      // Of a transaction, the branch that is taken may name other leases.
      host.writes().add(call);
    }
  }

  /**
   * Whether a write that was refused for a lease is to be tried again: what the region knew of the lease has changed since it
   * was admitted, or is not known to be final. If so, it is under way.
   */
  boolean triesAgain(Call call, Outcome outcome, int maxTries) {
    if (!(outcome instanceof Outcome.Refused refused)
        || refused.refusal().code() != RefusalCode.LEASE_NOT_FOUND
        || !namesLeases(call.command())
        || call.answered()) {
      return false;
    }
    Set<Long> missing = unregistered(call.command());
    boolean settled = !missing.isEmpty() && call.unknownLeases().containsAll(missing);
    if (settled || host.term() == 0) {
      return false;
    }
    if (call.restamped() > maxTries) {
      call.fail(host.errors().busy("a lease that it names comes and goes"));
    } else {
      admit(call);
    }
    return true;
  }

  boolean isIdle() {
    return asked.isEmpty();
  }

  /** Looks at deadlines. */
  void tick(long now) {
    for (List<Waiting> waiting : asked.values()) {
      for (Waiting one : waiting) {
        if (!one.call.answered() && one.call.isPast(now)) {
          one.call.fail(new RegionError.DeadlineExceeded(
              "the home of a lease did not answer before the deadline"));
        }
      }
    }
  }

  /** Nobody may put anything any more: what waits was certainly not done. */
  void onLeadershipLost() {
    asked
        .values()
        .forEach(waiting -> waiting.forEach(one -> one.call.fail(host.errors().notLeader())));
    asked.clear();
  }
}
