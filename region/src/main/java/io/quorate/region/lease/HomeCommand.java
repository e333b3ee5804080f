package io.quorate.region.lease;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.region.command.Applied;
import io.quorate.region.command.LeaseCommand;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.Refusal;
import io.quorate.region.command.RegionView;
import io.quorate.region.command.Result;
import io.quorate.region.command.Stamp;
import io.quorate.region.mvcc.ByteWriter;
import java.util.ArrayList;
import java.util.List;

/** What is done to a lease at its home. None of it touches the users' keys. */
public sealed interface HomeCommand extends LeaseCommand {
  @Override
  default KeyRange written() {
    return NO_KEYS;
  }

  /**
   * Grants a lease.
   *
   * @param id drawn by who asks
   * @param ttl seconds, within the limits already
   */
  record Grant(long id, long ttl) implements HomeCommand {
    @Override
    public List<Bytes> routes() {
      return List.of(LeaseHome.key(id));
    }

    @Override
    public Applied apply(RegionView view, Stamp stamp) {
      if (view.leases().home(id) != null) {
        return Applied.refused(Refusal.LEASE_EXISTS);
      }
      return changed(
          new LeaseHome(id, stamp.revision(), ttl, 0, false, KeyRanges.NONE),
          stamp,
          KeyRanges.NONE);
    }

    @Override
    public void write(ByteWriter out) {
      out.putByte(LeaseCodec.GRANT).putLong(id).putVarint(ttl);
    }
  }

  /**
   * Ends a lease: from here on nothing more can be put under it. Its keys go next; if there can be none, it is gone at once.
   *
   * @param grantRevision of the lease meant; 0: whichever has the id
   * @param term in which the leader found that its time is over: an entry of another term does nothing, since somebody else may
   *     have kept it alive meanwhile; 0: somebody asked for it
   */
  record Revoke(long id, long grantRevision, long term) implements HomeCommand {
    @Override
    public List<Bytes> routes() {
      return List.of(LeaseHome.key(id));
    }

    @Override
    public Applied apply(RegionView view, Stamp stamp) {
      LeaseHome lease = view.leases().home(id);
      if (lease == null || (grantRevision != 0 && lease.grantRevision() != grantRevision)) {
        return Applied.refused(Refusal.LEASE_NOT_FOUND);
      }
      if (term != 0 && term != view.leases().term()) {
        return Applied.refused(Refusal.invalid(
            "quorate: the lease was found expired by a leader that is none any more"));
      }
      if (lease.revoking()) {
        return new Applied(List.of(), done(lease, stamp, lease.ranges()));
      }
      if (lease.ranges().isEmpty()) {
        return new Applied(
            List.of(), List.of(new LeaseChange.Home(id, null)), done(lease, stamp, KeyRanges.NONE));
      }
      return changed(lease.ended(), stamp, lease.ranges());
    }

    @Override
    public void write(ByteWriter out) {
      out.putByte(LeaseCodec.REVOKE).putLong(id).putVarint(grantRevision).putVarint(term);
    }
  }

  /**
   * Notes how much time leases have left, so that a next leader need not give them all of it again; or takes such notes back,
   * before a keep-alive is answered that makes them wrong.
   *
   * @param term of the leader that counted; an entry of another term does nothing
   * @param notes of leases of this region; others are passed over
   */
  record Checkpoint(long term, List<Note> notes) implements HomeCommand {
    /**
     * One lease.
     *
     * @param remaining seconds, rounded up; 0 takes the note back
     */
    public record Note(long id, long grantRevision, long remaining) {}

    public Checkpoint {
      notes = List.copyOf(notes);
    }

    @Override
    public List<Bytes> routes() {
      return List.of();
    }

    @Override
    public int weight() {
      return 32 + 24 * notes.size();
    }

    @Override
    public Applied apply(RegionView view, Stamp stamp) {
      if (term != view.leases().term()) {
        return Applied.refused(
            Refusal.invalid("quorate: the time was counted by a leader that is none any more"));
      }
      List<LeaseChange> changes = new ArrayList<>();
      for (Note note : notes) {
        LeaseHome lease = view.descriptor().range().contains(LeaseHome.key(note.id()))
            ? view.leases().home(note.id())
            : null;
        if (lease != null
            && !lease.revoking()
            && lease.grantRevision() == note.grantRevision()
            && lease.remaining() != note.remaining()) {
          changes.add(new LeaseChange.Home(note.id(), lease.withRemaining(note.remaining())));
        }
      }
      return new Applied(
          List.of(),
          changes,
          new Outcome.Done(
              stamp.revision(), new Result.Leased(0, 0, 0, List.of(), changes.size(), false)));
    }

    @Override
    public void write(ByteWriter out) {
      out.putByte(LeaseCodec.CHECKPOINT).putVarint(term).putVarint(notes.size());
      notes.forEach(note ->
          out.putLong(note.id()).putVarint(note.grantRevision()).putVarint(note.remaining()));
    }
  }

  /**
   * Lets the home know where keys of the lease may come to lie, before the first does.
   *
   * @param range of the region that asks
   */
  record Register(long id, KeyRange range) implements HomeCommand {
    @Override
    public List<Bytes> routes() {
      return List.of(LeaseHome.key(id));
    }

    @Override
    public Applied apply(RegionView view, Stamp stamp) {
      LeaseHome lease = view.leases().home(id);
      if (lease == null || lease.revoking()) {
        return Applied.refused(Refusal.LEASE_NOT_FOUND);
      }
      KeyRanges known = lease.ranges().with(range);
      return known.equals(lease.ranges())
          ? new Applied(List.of(), done(lease, stamp, KeyRanges.of(range)))
          : changed(lease.withRanges(known), stamp, KeyRanges.of(range));
    }

    @Override
    public int weight() {
      return 64 + range.start().length() + range.end().length();
    }

    @Override
    public void write(ByteWriter out) {
      out.putByte(LeaseCodec.REGISTER).putLong(id).putBytes(range.start()).putBytes(range.end());
    }
  }

  /** Drops a lease that is being revoked, all of its keys being gone; once it is gone, does nothing. */
  record Finish(long id, long grantRevision) implements HomeCommand {
    @Override
    public List<Bytes> routes() {
      return List.of(LeaseHome.key(id));
    }

    @Override
    public Applied apply(RegionView view, Stamp stamp) {
      LeaseHome lease = view.leases().home(id);
      boolean drops = lease != null && lease.revoking() && lease.grantRevision() == grantRevision;
      return new Applied(
          List.of(),
          drops ? List.of(new LeaseChange.Home(id, null)) : List.of(),
          new Outcome.Done(
              stamp.revision(), new Result.Leased(id, 0, grantRevision, List.of(), 0, false)));
    }

    @Override
    public void write(ByteWriter out) {
      out.putByte(LeaseCodec.FINISH).putLong(id).putVarint(grantRevision);
    }
  }

  private static Applied changed(LeaseHome now, Stamp stamp, KeyRanges told) {
    return new Applied(
        List.of(), List.of(new LeaseChange.Home(now.id(), now)), done(now, stamp, told));
  }

  private static Outcome done(LeaseHome lease, Stamp stamp, KeyRanges told) {
    return new Outcome.Done(
        stamp.revision(),
        new Result.Leased(lease.id(), lease.ttl(), lease.grantRevision(), told.ranges(), 0, false));
  }
}
