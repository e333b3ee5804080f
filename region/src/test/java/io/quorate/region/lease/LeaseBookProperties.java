package io.quorate.region.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.testing.Seeds;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Leaders come and go, proposals are applied, refused, lost or of unknown fate, always in order; clients count from when they sent.
 * Claim: no lease is found expired before the time its client may count on, and every lease ends soon after its last leader's
 * reckoning.
 */
class LeaseBookProperties {
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1000 * MILLI;
  private static final long TICK = 50 * MILLI;
  private static final LeaseConfig CONFIG =
      LeaseConfig.defaults().withCheckpointEvery(Duration.ofSeconds(3));

  @Seeds(3000)
  void neverEarlyAndBoundedlyLate(long seed) {
    World world = new World(seed);
    for (int i = 0; i < 300; i++) {
      world.act();
    }
    world.calmDown();
  }

  /** What is proposed: how it changes the log, and who is told. */
  private record Proposal(long id, long grant, Runnable apply, Told told) {
    interface Told {
      void end(boolean done, boolean refused);
    }
  }

  private static final class World {
    final Random random;
    /** Somewhere in the middle of what a monotonic clock may show, below zero too. */
    long now;

    long lastRevision;
    /** As the log has them. */
    final Map<Long, LeaseHome> log = new HashMap<>();
    /** Until when each client may count on its lease. */
    final Map<Long, Long> countedOn = new HashMap<>();
    /** When the lease has to be found expired, at the latest. */
    final Map<Long, Long> endsBy = new HashMap<>();

    Deque<Proposal> pending = new ArrayDeque<>();
    LeaseBook book;

    World(long seed) {
      random = new Random(seed);
      now = random.nextLong() / 2;
      book = new LeaseBook(CONFIG, now);
    }

    long id() {
      return 1L + random.nextInt(6);
    }

    void act() {
      now += random.nextInt(400) * MILLI + random.nextInt(1000);
      switch (random.nextInt(12)) {
        case 0 -> grant(id(), 1 + random.nextInt(12));
        case 1, 2, 3, 4 -> keepAlive(id());
        case 5 -> elect();
        case 6, 7 -> step(random.nextInt(3));
        case 8 -> step(100);
        default -> land();
      }
    }

    void grant(long id, long ttl) {
      if (log.containsKey(id)) {
        return;
      }
      long sent = now;
      now += random.nextInt(100) * MILLI;
      LeaseHome lease = new LeaseHome(id, ++lastRevision, ttl, 0, false, KeyRanges.NONE);
      log.put(id, lease);
      book.learn(lease, now);
      countedOn.put(id, sent + ttl * SECOND);
      endsBy.put(id, now + ttl * SECOND);
    }

    void keepAlive(long id) {
      long sent = now;
      now += random.nextInt(300) * MILLI;
      LeaseHome lease = log.get(id);
      LeaseBook.Renewal renewal = book.renew(id, now);
      if (renewal == LeaseBook.Renewal.RENEWED) {
        if (lease == null) {
          throw new AssertionError("a lease that is gone is kept alive: " + id);
        }
        countedOn.merge(id, sent + lease.ttl() * SECOND, Math::max);
        endsBy.merge(id, now + lease.ttl() * SECOND, Math::max);
      } else if (renewal == LeaseBook.Renewal.TAKE_BACK_NOTE) {
        if (lease == null) {
          throw new AssertionError("a lease that is gone has a note: " + id);
        }
        LeaseBook led = book;
        long grant = lease.grantRevision();
        pending.add(new Proposal(
            id,
            grant,
            () -> note(id, grant, 0),
            (done, refused) -> led.noteTakenBack(id, grant, done)));
      } else if (renewal == LeaseBook.Renewal.GONE) {
        assertThat(lease).as("lease %s at %s", id, now).isNull();
      }
    }

    void note(long id, long grant, long remaining) {
      LeaseHome lease = log.get(id);
      if (lease != null && lease.grantRevision() == grant) {
        log.put(id, lease.withRemaining(remaining));
        book.learn(lease.withRemaining(remaining), now);
      }
    }

    LeaseBook.Step step(int allowed) {
      LeaseBook led = book;
      LeaseBook.Step step = led.step(now, allowed);
      for (LeaseHome lease : step.expired()) {
        long id = lease.id();
        assertThat(now).as("NeverEarly: lease %s", id).isGreaterThanOrEqualTo(countedOn.get(id));
        long grant = lease.grantRevision();
        pending.add(new Proposal(
            id,
            grant,
            () -> {
              if (log.containsKey(id) && log.get(id).grantRevision() == grant) {
                log.remove(id);
                book.forget(id);
              }
            },
            (done, refused) -> {
              if (!done) {
                led.notEnded(id, grant, now);
              }
            }));
      }
      for (HomeCommand.Checkpoint.Note note : step.notes()) {
        pending.add(new Proposal(
            note.id(),
            note.grantRevision(),
            () -> note(note.id(), note.grantRevision(), note.remaining()),
            (done, refused) -> led.noteEnded(note.id(), note.grantRevision(), !refused)));
      }
      return step;
    }

    /** The fate of the oldest proposal. */
    void land() {
      Proposal next = pending.poll();
      if (next == null) {
        return;
      }
      switch (random.nextInt(5)) {
        case 0 -> next.told.end(false, true);
        case 1 -> {
          // Nobody knows; it is applied later all the same, before all that is proposed from now
          // on.
          next.told.end(false, false);
          Deque<Proposal> rest = pending;
          pending = new ArrayDeque<>();
          pending.add(new Proposal(next.id, next.grant, next.apply, (done, refused) -> {}));
          pending.addAll(rest);
        }
        case 2 -> next.told.end(false, false);
        default -> {
          next.apply.run();
          next.told.end(true, false);
        }
      }
    }

    /** The leader is deposed: some of what it proposed is in the next one's log, the rest is lost. */
    void elect() {
      book = new LeaseBook(CONFIG, now);
      for (int kept = random.nextInt(pending.size() + 1); kept > 0; kept--) {
        pending.remove().apply().run();
      }
      pending.clear();
      now += random.nextInt(2000) * MILLI;
      book = new LeaseBook(CONFIG, now);
      long began = now;
      log.values().forEach(lease -> {
        book.inherit(lease, began);
        long most = began + lease.ttl() * SECOND + CONFIG.grace().toNanos();
        endsBy.merge(lease.id(), most, Math::max);
      });
    }

    void calmDown() {
      while (!pending.isEmpty()) {
        Proposal next = pending.remove();
        next.apply.run();
        next.told.end(true, false);
      }
      // What was found expired in time but could not be written meanwhile is late by that.
      Map<Long, Long> left = new HashMap<>();
      log.keySet().forEach(id -> left.put(id, Math.max(now, endsBy.getOrDefault(id, 0L))));
      long last = left.values().stream().mapToLong(at -> at).max().orElse(now);
      while (now - last < 2 * SECOND) {
        now += TICK;
        step(100);
        List<Proposal> all = new ArrayList<>(pending);
        pending.clear();
        all.forEach(proposal -> {
          proposal.apply.run();
          proposal.told.end(true, false);
        });
        log.keySet()
            .forEach(id -> assertThat(now - left.getOrDefault(id, 0L))
                .as("BoundedLate: lease %s", id)
                .isLessThan(2 * TICK + CONFIG.retryAfter().toNanos()));
      }
      assertThat(log).isEmpty();
    }
  }
}
