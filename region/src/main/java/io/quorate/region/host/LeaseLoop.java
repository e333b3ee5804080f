package io.quorate.region.host;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionError;
import io.quorate.model.Wire;
import io.quorate.proto.LeaseKeepAliveResponse;
import io.quorate.proto.LeaseKeysResponse;
import io.quorate.proto.LeaseListResponse;
import io.quorate.proto.Request;
import io.quorate.proto.Response;
import io.quorate.region.command.Command;
import io.quorate.region.command.LeaseCommand;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.Result;
import io.quorate.region.lease.HomeCommand;
import io.quorate.region.lease.LeaseBook;
import io.quorate.region.lease.LeaseChange;
import io.quorate.region.lease.LeaseHome;
import io.quorate.region.lease.StoreLeases;
import io.quorate.region.mvcc.Version;
import io.quorate.region.storage.RegionStore;
import io.quorate.region.wire.LeaseMessages;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The home of a region's leases while this replica leads: keeps their time, answers keep-alives, proposes their end. Owned by
 * the region's host; every method runs on its mailbox unless it says otherwise.
 */
final class LeaseLoop {
  /** Leases that one region ends, and notes that it makes, between two looks at all else. */
  private static final int MAX_PER_STEP = 256;

  private final RegionHost host;
  private final RegionStore store;
  private final StoreLeases around;
  private final LeaseRegistrar registrar;
  private @Nullable LeaseBook book;
  /** Being revoked, with a home that is led here. Read by any thread. */
  private final Map<Long, LeaseHome> revoking = new ConcurrentSkipListMap<>();
  /** Who is told once the lease's keys are gone. */
  private final Map<Long, List<Call>> revokers = new HashMap<>();

  private volatile boolean waits;
  private volatile long nextAt;

  LeaseLoop(RegionHost host, RegionStore store, StoreLeases around) {
    this.host = host;
    this.store = store;
    this.around = around;
    this.registrar = new LeaseRegistrar(host, store, around, this);
  }

  /** For the keys here, wherever their leases are at home. */
  LeaseRegistrar registrar() {
    return registrar;
  }

  /** Any thread. */
  List<LeaseHome> revoking() {
    return List.copyOf(revoking.values());
  }

  /** This replica leads: every lease gets its time from here on, by what the log says is left. */
  void onLeading() {
    book = new LeaseBook(around.config(), host.now());
    revoking.clear();
    onRangeChanged();
  }

  /** The region leads and has other keys than before: leases of which it is no home any more, and others. */
  void onRangeChanged() {
    LeaseBook led = book;
    if (led == null) {
      return;
    }
    KeyRange range = host.descriptor().range();
    led.retain(range);
    revoking.keySet().removeIf(id -> !range.contains(LeaseHome.key(id)));
    revokers.entrySet().removeIf(entry -> {
      boolean moved = !range.contains(LeaseHome.key(entry.getKey()));
      if (moved) {
        entry.getValue().forEach(call -> call.fail(goesOn()));
      }
      return moved;
    });
    for (LeaseHome lease : store.homes(range, Integer.MAX_VALUE)) {
      led.inherit(lease, host.now());
      noteState(lease);
    }
    settle();
  }

  void onLeadershipLost() {
    registrar.onLeadershipLost();
    book = null;
    revoking.clear();
    revokers.values().forEach(calls -> calls.forEach(call -> call.fail(goesOn())));
    revokers.clear();
    settle();
  }

  private static RegionError goesOn() {
    return new RegionError.Indeterminate("the lease has ended, and its keys are being deleted");
  }

  /** The log has changed leases; in its order. */
  void onChanged(List<LeaseChange.Home> changes) {
    LeaseBook led = book;
    if (led == null) {
      return;
    }
    for (LeaseChange.Home change : changes) {
      LeaseHome now = change.now();
      if (now == null) {
        around.count(StoreLeases.Count.ENDED, 1);
        led.forget(change.lease());
        revoking.remove(change.lease());
        List<Call> told = revokers.remove(change.lease());
        if (told != null) {
          told.forEach(call -> call.answer(LeaseMessages.gone(change.lease(), store.lastStamp())));
        }
      } else {
        led.learn(now, host.now());
        noteState(now);
      }
    }
    settle();
  }

  private void noteState(LeaseHome lease) {
    if (lease.revoking()) {
      revoking.put(lease.id(), lease);
      around.wakeReaper();
    }
  }

  /** Says when the next look is due; after all that was at hand. */
  private void settle() {
    LeaseBook led = book;
    OptionalLong next = led == null ? OptionalLong.empty() : led.nextAt();
    nextAt = next.orElse(0);
    waits = next.isPresent() || !revokers.isEmpty();
  }

  /** Whether a look is due. Any thread. */
  boolean isDue(long now) {
    return waits && (nextAt == 0 || now - nextAt >= 0);
  }

  /** Looks at the time. */
  void tick(long now) {
    registrar.tick(now);
    expireRevokers(now);
    LeaseBook led = book;
    OptionalLong next = led == null ? OptionalLong.empty() : led.nextAt();
    if (led == null || next.isEmpty() || now - next.getAsLong() < 0) {
      settle();
      return;
    }
    int allowed = around.quota().take(now, MAX_PER_STEP);
    LeaseBook.Step step = led.step(now, allowed);
    around.quota().giveBack(allowed - step.expired().size());
    around.count(StoreLeases.Count.EXPIRED, step.expired().size());
    long term = host.term();
    for (LeaseHome lease : step.expired()) {
      submit(
          new HomeCommand.Revoke(lease.id(), lease.grantRevision(), term),
          response -> onEnded(led, lease, response));
    }
    if (!step.notes().isEmpty()) {
      submit(new HomeCommand.Checkpoint(term, step.notes()), response -> {
        boolean mayStand = !LeaseMessages.isRefused(response);
        step.notes().forEach(note -> led.noteEnded(note.id(), note.grantRevision(), mayStand));
      });
    }
    settle();
  }

  private void onEnded(LeaseBook led, LeaseHome lease, Response response) {
    if (!response.hasLease()) {
      // Whatever became of it: it stays ended here, and its end is proposed again.
      led.notEnded(lease.id(), lease.grantRevision(), host.now());
      settle();
    }
  }

  private void expireRevokers(long now) {
    Iterator<List<Call>> each = revokers.values().iterator();
    while (each.hasNext()) {
      List<Call> calls = each.next();
      calls.removeIf(call -> {
        if (call.isPast(now)) {
          call.fail(goesOn());
        }
        return call.answered();
      });
      if (calls.isEmpty()) {
        each.remove();
      }
    }
  }

  /** Puts a command of the region's own into its order of writes; the answer comes on the mailbox. */
  void submit(LeaseCommand command, Consumer<Response> told) {
    Request message =
        Request.newBuilder().setEpoch(Wire.epoch(host.descriptor().epoch())).build();
    RegionRequest request = new RegionRequest(message, "", 0, 0);
    long deadline = host.now() + around.config().callTimeout().toNanos();
    host.writes()
        .add(Call.of(
            request, response -> host.post(() -> told.accept(response)), deadline, command));
  }

  /** A command from outside, with what the store's bounds make of it. */
  Command withinBounds(Command command) {
    return command instanceof HomeCommand.Grant grant
        ? new HomeCommand.Grant(
            grant.id(), Math.max(grant.ttl(), around.config().minTtlSeconds()))
        : command;
  }

  /** All keys of the lease are gone: drops it. */
  void finish(long id, long grantRevision) {
    if (book != null) {
      submit(new HomeCommand.Finish(id, grantRevision), response -> {});
    }
  }

  /** Answers a revocation once the keys are gone too; false if the outcome is answer enough. */
  boolean waitsForKeys(Call call, Outcome outcome) {
    LeaseBook led = book;
    if (!(call.command() instanceof HomeCommand.Revoke revoke)
        || !(outcome instanceof Outcome.Done done)
        || !(done.result() instanceof Result.Leased leased)
        || leased.ranges().isEmpty()
        || call.answered()
        || revoke.term() != 0) {
      return false;
    }
    if (led == null) {
      call.fail(goesOn());
      return true;
    }
    if (led.lease(revoke.id()) == null) {
      return false;
    }
    around.count(StoreLeases.Count.REVOKED, 1);
    revokers.computeIfAbsent(revoke.id(), id -> new ArrayList<>()).add(call);
    settle();
    return true;
  }

  // ------------------------------------------------------------------ what is asked, after a
  // confirmation of leadership

  /** Answers what only looks, with this replica's leadership confirmed after it came. */
  void answer(Call call) {
    LeaseBook led = book;
    if (led == null) {
      call.fail(host.errors().notLeader());
      return;
    }
    long mark = store.readMark();
    Request message = call.request().message();
    Response.Builder response = Response.newBuilder();
    switch (message.getBodyCase()) {
      case LEASE_KEEP_ALIVE ->
        response.setLeaseKeepAlive(keepAlive(led, message.getLeaseKeepAlive().getIdsList()));
      case LEASE_TIME_TO_LIVE -> {
        long id = message.getLeaseTimeToLive().getId();
        response.setLeaseTimeToLive(
            LeaseMessages.timeToLive(led.lease(id), led.secondsLeft(id, host.now())));
      }
      case LEASE_LIST -> response.setLeaseList(list(message));
      case LEASE_KEYS -> response.setLeaseKeys(keys(message));
      default -> throw new IllegalStateException("not about leases: " + message.getBodyCase());
    }
    if (!host.ownsKeys(call)) {
      call.fail(host.errors().epochMismatch());
    } else if (!store.isWholeSince(mark)) {
      call.fail(host.errors().unavailable("the replica's data went or came while it was read"));
    } else {
      call.answer(response);
    }
    settle();
  }

  private LeaseKeepAliveResponse keepAlive(LeaseBook led, List<Long> ids) {
    LeaseKeepAliveResponse.Builder answer = LeaseKeepAliveResponse.newBuilder();
    List<HomeCommand.Checkpoint.Note> back = new ArrayList<>(0);
    long now = host.now();
    for (long id : ids) {
      LeaseBook.Renewal renewal = led.renew(id, now);
      around.count(StoreLeases.Count.KEPT_ALIVE, renewal == LeaseBook.Renewal.RENEWED ? 1 : 0);
      LeaseHome lease = led.lease(id);
      if (renewal == LeaseBook.Renewal.TAKE_BACK_NOTE && lease != null) {
        back.add(new HomeCommand.Checkpoint.Note(id, lease.grantRevision(), 0));
      }
      answer.addTtls(
          switch (renewal) {
            case RENEWED -> lease == null ? 0 : lease.ttl();
            case GONE -> 0;
            case TAKE_BACK_NOTE, LATER -> -1;
          });
    }
    if (!back.isEmpty()) {
      submit(
          new HomeCommand.Checkpoint(host.term(), back),
          response -> back.forEach(
              note -> led.noteTakenBack(note.id(), note.grantRevision(), response.hasLease())));
    }
    return answer.build();
  }

  private LeaseListResponse list(Request message) {
    int limit = limit(message.getLeaseList().getLimit());
    KeyRange range = Wire.range(message.getLeaseList().getRange());
    List<LeaseHome> found = store.homes(range, limit + 1);
    LeaseListResponse.Builder answer = LeaseListResponse.newBuilder().setMore(found.size() > limit);
    found.stream().limit(limit).forEach(lease -> answer.addIds(lease.id()));
    return answer.build();
  }

  private LeaseKeysResponse keys(Request message) {
    int limit = limit(message.getLeaseKeys().getLimit());
    long id = message.getLeaseKeys().getId();
    KeyRange range = Wire.range(message.getLeaseKeys().getRange());
    List<Bytes> found = store.leases().keys(id, range, limit + 1);
    LeaseKeysResponse.Builder answer = LeaseKeysResponse.newBuilder();
    if (found.size() > limit) {
      answer.setNext(found.get(limit).toByteString());
    }
    for (Bytes key : found.subList(0, Math.min(limit, found.size()))) {
      Version newest = store.newest(key);
      if (newest.isLive() && newest.lease() == id) {
        answer.addKeys(key.toByteString());
      }
    }
    return answer.build();
  }

  private int limit(int asked) {
    int most = around.config().maxIds();
    return asked <= 0 ? most : Math.min(asked, most);
  }
}
