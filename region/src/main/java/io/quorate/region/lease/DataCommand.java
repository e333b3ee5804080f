package io.quorate.region.lease;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.region.command.Applied;
import io.quorate.region.command.LeaseCommand;
import io.quorate.region.command.Mutation;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.Refusal;
import io.quorate.region.command.RegionView;
import io.quorate.region.command.Result;
import io.quorate.region.command.Stamp;
import io.quorate.region.mvcc.ByteWriter;
import io.quorate.region.mvcc.Version;
import io.quorate.region.transaction.Obstacles;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is done about a lease in a region of its keys. */
public sealed interface DataCommand extends LeaseCommand {
  /**
   * Lets keys of the range be put under a lease; the home knows of it.
   *
   * @param grantRevision of the lease that the home registered
   * @param range what the home knows
   * @param homeRevision of the home's entry: one that the floor has passed comes too late to be told from one of a lease whose
   *     end is forgotten here
   */
  record Attach(long id, long grantRevision, KeyRange range, long homeRevision)
      implements DataCommand {
    @Override
    public List<Bytes> routes() {
      return List.of();
    }

    @Override
    public KeyRange written() {
      return NO_KEYS;
    }

    @Override
    public Applied apply(RegionView view, Stamp stamp) {
      if (homeRevision <= view.floor()) {
        return Applied.refused(Refusal.invalid("quorate: the registration comes too late"));
      }
      Registration known = view.leases().registration(id);
      Registration now = new Registration(id, grantRevision, 0, KeyRanges.of(range));
      if (known != null && (known.isLive() || known.isMark(view.floor()))) {
        boolean ended = !known.isLive() && known.grantRevision() == grantRevision;
        if (known.grantRevision() > grantRevision || ended) {
          return Applied.refused(Refusal.LEASE_NOT_FOUND);
        }
        if (known.grantRevision() == grantRevision) {
          now = known.with(range);
        }
      }
      return new Applied(
          List.of(),
          now.equals(known) ? List.of() : List.of(new LeaseChange.Registered(id, now)),
          done(id, grantRevision, stamp, now.known().ranges(), 0, false));
    }

    @Override
    public int weight() {
      return 80 + range.start().length() + range.end().length();
    }

    @Override
    public void write(ByteWriter out) {
      out.putByte(LeaseCodec.ATTACH)
          .putLong(id)
          .putVarint(grantRevision)
          .putBytes(range.start())
          .putBytes(range.end())
          .putVarint(homeRevision);
    }
  }

  /**
   * Deletes all keys of an ended lease in this region, and leaves a mark that keeps late registrations away. What comes twice,
   * or after the id was granted anew, deletes nothing more.
   *
   * @param at a key of the region that is meant
   */
  record Strip(Bytes at, long id, long grantRevision) implements DataCommand {
    /** Keys that go with one entry, at most; part of rule version 1. */
    public static final int MAX_KEYS = 100_000;

    @Override
    public List<Bytes> routes() {
      return List.of(at);
    }

    @Override
    public KeyRange written() {
      return KeyRange.ALL;
    }

    @Override
    public int weight() {
      return 64 + at.length();
    }

    @Override
    public Applied apply(RegionView view, Stamp stamp) {
      KeyRange region = view.descriptor().range();
      Registration known = view.leases().registration(id);
      if (known != null && known.grantRevision() > grantRevision) {
        return new Applied(List.of(), done(id, grantRevision, stamp, List.of(region), 0, false));
      }
      List<Bytes> keys = view.leases().keys(id, region, MAX_KEYS + 1);
      if (!view.locks().isEmpty()) {
        Optional<Refusal> locked = Obstacles.ofStrip(view.locks(), region, id, keys);
        if (locked.isPresent()) {
          return Applied.refused(locked.get());
        }
      }
      boolean more = keys.size() > MAX_KEYS;
      List<Mutation> mutations = new ArrayList<>();
      List<LeaseChange> changes = new ArrayList<>();
      for (Bytes key : more ? keys.subList(0, MAX_KEYS) : keys) {
        Version newest = view.head(key);
        if (newest.modRevision() >= stamp.revision()) {
          return new Applied(List.of(), new Outcome.Restamp(newest.modRevision()));
        }
        if (newest.isLive() && newest.lease() == id) {
          mutations.add(new Mutation(key, Version.tombstone(stamp.revision(), mutations.size())));
        }
        changes.add(new LeaseChange.Key(id, key, false));
      }
      changes.add(new LeaseChange.Registered(
          id, new Registration(id, grantRevision, stamp.revision(), KeyRanges.NONE)));
      return new Applied(
          mutations,
          changes,
          done(id, grantRevision, stamp, List.of(region), mutations.size(), more));
    }

    @Override
    public void write(ByteWriter out) {
      out.putByte(LeaseCodec.STRIP).putBytes(at).putLong(id).putVarint(grantRevision);
    }
  }

  private static Outcome done(
      long id, long grant, Stamp stamp, List<KeyRange> ranges, long deleted, boolean more) {
    return new Outcome.Done(
        stamp.revision(), new Result.Leased(id, 0, grant, ranges, deleted, more));
  }
}
