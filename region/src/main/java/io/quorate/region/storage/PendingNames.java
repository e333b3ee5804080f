package io.quorate.region.storage;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.raft.storage.BatchBytes;
import io.quorate.region.command.Applied;
import io.quorate.region.command.Command;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.PastWrite;
import io.quorate.region.command.PastWrites;
import io.quorate.region.command.Refusal;
import io.quorate.region.command.Stamped;
import io.quorate.region.command.WriteName;
import io.quorate.region.mvcc.VersionSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What is remembered of named writes while a run of entries is applied, those of the run included. Owned by its session. */
final class PendingNames implements PastWrites {
  private record Mark(Bytes place, Bytes record) {}

  private final SharedStore store;
  private final RecentNames recent;
  private final VersionSource versions;
  private final List<Mark> marks = new ArrayList<>(0);

  /**
   * @param recent opened for the region as it is
   * @param versions of the region's keys, those of the run included
   */
  PendingNames(SharedStore store, RecentNames recent, VersionSource versions) {
    this.store = store;
    this.recent = recent;
    this.versions = versions;
  }

  @Override
  public Optional<PastWrite> find(WriteName name, Command command) {
    Optional<PastWrite> known = recent.find(name);
    if (known.isPresent() || name.after() >= recent.since()) {
      return known;
    }
    List<KeyRange> written = command.writes();
    for (KeyRange range : written) {
      if (range.isEmpty()
          || (range.isSingle() && versions.head(range.start()).modRevision() <= name.after())) {
        continue;
      }
      OptionalLong revision = StoredNames.findVersion(store, range, name, recent.since());
      if (revision.isPresent()) {
        return Optional.of(new PastWrite(revision.getAsLong(), true, Optional.empty()));
      }
    }
    return PastWrites.place(written).flatMap(key -> StoredNames.findMark(store, key, name));
  }

  /** A command was judged. */
  void note(Stamped stamped, Applied applied) {
    WriteName name = stamped.name();
    if (!name.isNamed()) {
      return;
    }
    if (!applied.mutations().isEmpty()) {
      recent.note(name, new PastWrite(stamped.revision(), true, Optional.empty()));
    } else if (stamped.leavesMark(applied)) {
      leaveMark(stamped, applied);
    }
  }

  private void leaveMark(Stamped stamped, Applied applied) {
    Optional<Bytes> key = PastWrites.place(stamped.command().writes());
    // What was found is remembered already.
    if (key.isEmpty() || find(stamped.name(), stamped.command()).isPresent()) {
      return;
    }
    Refusal refusal =
        applied.outcome() instanceof Outcome.Refused refused ? refused.refusal() : null;
    long revision = stamped.revision();
    recent.note(stamped.name(), new PastWrite(revision, false, Optional.ofNullable(refusal)));
    marks.add(new Mark(
        Bytes.wrap(StoredNames.place(key.get(), stamped.name())),
        Bytes.wrap(StoredNames.mark(revision, refusal))));
  }

  void write(BatchBytes batch) {
    int family = store.family(SharedStore.DEDUPE).getID();
    marks.forEach(
        mark -> batch.put(family, mark.place().unsafeArray(), mark.record().unsafeArray()));
  }

  /** All of it is on disk. */
  void written(long lastStamp) {
    recent.written(lastStamp);
  }
}
