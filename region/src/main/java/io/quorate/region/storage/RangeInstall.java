package io.quorate.region.storage;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.raft.storage.RaftDatabase;
import io.quorate.region.command.MergeState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.FlushOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Replaces one replica's whole state by a snapshot's files. The steps are several, so a synced marker comes first and goes with
 * the last one: where a start finds it, {@link #wipe} makes an empty replica of what was left. Owned by the store's engine; one
 * region's calls come one at a time.
 */
public final class RangeInstall {
  /** What has been done when a step's hook is called. */
  public enum Step {
    MARKED,
    DELETED,
    FLUSHED,
    INGESTED,
    DONE
  }

  private final SharedStore store;
  private final RaftDatabase database;
  private final Consumer<Step> after;

  public RangeInstall(SharedStore store, RaftDatabase database) {
    this(store, database, step -> {});
  }

  /**
   * @param after told of each step, so that a test can stop there
   */
  RangeInstall(SharedStore store, RaftDatabase database, Consumer<Step> after) {
    this.store = store;
    this.database = database;
    this.after = after;
  }

  /** The regions that ended in the one that a snapshot is of. */
  public static MergeState merges(byte[] description) {
    return SnapshotDescription.decode(description).merges();
  }

  /** The region that a snapshot is of, by what it says of itself. */
  public static RegionDescriptor descriptor(byte[] description) {
    return SnapshotDescription.decode(description).descriptor();
  }

  /**
   * Installs; durable on return.
   *
   * @param replica id of the replica here
   * @param old what the replica held so far; empty if nothing
   * @param raftState adds the group's note to the last write
   */
  public void run(
      Path files,
      long replica,
      Optional<KeyRange> old,
      long index,
      long term,
      byte[] description,
      Consumer<WriteBatch> raftState)
      throws IOException {
    run(files, replica, old, index, term, description, List.of(), raftState);
  }

  /**
   * Installs, in the place also of regions that ended in this one; durable on return.
   *
   * @param ended those of them that are here, in key order; they are over when this returns, and nothing but their logs is left
   * @throws IllegalStateException if the range, or what they have of others, is another region's; nothing is touched then
   */
  public void run(
      Path files,
      long replica,
      Optional<KeyRange> old,
      long index,
      long term,
      byte[] description,
      List<RegionStore> ended,
      Consumer<WriteBatch> raftState)
      throws IOException {
    SnapshotDescription described = SnapshotDescription.decode(description);
    RegionDescriptor descriptor = described.descriptor();
    RegionId region = descriptor.id();
    Place place = new Place(region, replica, new ArrayList<>(List.of(descriptor.range())));
    old.ifPresent(place.ranges::add);
    try {
      take(place, ended);
      delete(place);
      place.ended.forEach(one -> store.forget(one.descriptor().range()));
      flush(region);
      ingest(files);
      finish(described, replica, index, term, raftState);
    } catch (RocksDBException e) {
      throw SharedStore.failed("installing region " + region, e);
    }
  }

  /** What a snapshot takes the place of. Of one install, on its thread. */
  private static final class Place {
    private final RegionId region;
    private final long replica;
    private final List<KeyRange> ranges;
    private final List<RegionStore> ended = new ArrayList<>();

    Place(RegionId region, long replica, List<KeyRange> own) {
      this.region = region;
      this.replica = replica;
      this.ranges = own;
    }

    /** It may reach beyond: what it held of a part that was cut off again goes too, and comes with that part. */
    void add(RegionStore over) {
      ended.add(over);
      ranges.add(over.descriptor().range());
    }

    /** Why the place is not to be had, if another region or another snapshot has part of it. */
    Optional<String> taken(SharedStore store) {
      for (RegionDescriptor other : store.regions()) {
        boolean ends = ended.stream().anyMatch(one -> one.descriptor().id().equals(other.id()));
        if (!ends && !other.id().equals(region) && overlaps(other.range())) {
          return Optional.of(other.toString());
        }
      }
      return store.replicas().entrySet().stream()
          .filter(other -> !other.getKey().equals(region))
          .filter(other -> other.getValue().ranges().stream().anyMatch(this::overlaps))
          .findFirst()
          .map(other -> "region " + other.getKey() + ", which is being installed");
    }

    private boolean overlaps(KeyRange range) {
      return ranges.stream().anyMatch(range::overlaps);
    }
  }

  /** With all that end held still, one inside the other. Who is gone by now has nothing to be taken. */
  private void take(Place place, List<RegionStore> ended) {
    if (ended.isEmpty()) {
      mark(place);
      return;
    }
    RegionStore next = ended.get(0);
    List<RegionStore> others = ended.subList(1, ended.size());
    boolean ends = next.end(() -> {
      place.add(next);
      take(place, others);
    });
    if (!ends) {
      take(place, others);
    }
  }

  private void mark(Place place) {
    // No split or merge makes other regions in the place meanwhile.
    synchronized (store.arrivals()) {
      place.taken(store).ifPresent(other -> {
        throw new IllegalStateException("a snapshot of region " + place.region
            + " would take the place of " + other + ", which it knows nothing of");
      });
      try (WriteBatch batch = new WriteBatch()) {
        place.ended.forEach(one -> store.end(batch, one.descriptor()));
        // From here on no descriptor vouches for what lies in the ranges.
        store.deleteMeta(batch, place.region);
        ReplicaRecord marker =
            new ReplicaRecord(place.replica, ReplicaRecord.State.INSTALLING, place.ranges);
        store.putMeta(batch, RegionMeta.REPLICA, place.region, marker.encode());
        store.write(batch);
      }
    }
    database.sync();
    after.accept(Step.MARKED);
  }

  private void delete(Place place) {
    try (WriteBatch batch = new WriteBatch()) {
      place.ended.forEach(one -> RangeSlices.delete(
          store, batch, one.descriptor().id(), one.descriptor().range()));
      place.ranges.forEach(range -> RangeSlices.delete(store, batch, place.region, range));
      store.write(batch);
    }
    after.accept(Step.DELETED);
  }

  private void flush(RegionId region) throws RocksDBException {
    List<ColumnFamilyHandle> families = Stream.concat(
            RangeSlices.of(region, KeyRange.ALL).stream().map(RangeSlices.FamilySlice::family),
            Stream.of(SharedStore.LEASE))
        .map(store::family)
        .toList();
    try (FlushOptions options = new FlushOptions().setWaitForFlush(true)) {
      store.db().flush(options, families);
    }
    after.accept(Step.FLUSHED);
  }

  private void ingest(Path files) throws RocksDBException, IOException {
    Map<String, List<String>> byFamily = new TreeMap<>();
    if (Files.exists(files)) {
      try (Stream<Path> found = Files.list(files)) {
        for (Path file : found.sorted().toList()) {
          String name = file.getFileName().toString();
          byFamily
              .computeIfAbsent(name.substring(0, name.indexOf('-')), family -> new ArrayList<>())
              .add(file.toString());
        }
      }
    }
    try (IngestExternalFileOptions options = new IngestExternalFileOptions().setMoveFiles(true)) {
      for (Map.Entry<String, List<String>> family : byFamily.entrySet()) {
        store.db().ingestExternalFile(store.family(family.getKey()), family.getValue(), options);
      }
    }
    after.accept(Step.INGESTED);
  }

  private void finish(
      SnapshotDescription described,
      long replica,
      long index,
      long term,
      Consumer<WriteBatch> raftState) {
    RegionId region = described.descriptor().id();
    try (WriteBatch batch = new WriteBatch()) {
      for (Map.Entry<Byte, Bytes> record : described.records().entrySet()) {
        store.putMeta(batch, record.getKey(), region, record.getValue().toByteArray());
      }
      // What stands between the machine's last entry and the snapshot's index changed nothing.
      store.putMeta(
          batch,
          RegionMeta.APPLIED,
          region,
          RegionMeta.position(
              new RegionMeta.Position(index, term, described.position().lastStamp())));
      store.putMeta(
          batch,
          RegionMeta.REPLICA,
          region,
          ReplicaRecord.of(replica, ReplicaRecord.State.HELD).encode());
      raftState.accept(batch);
      store.write(batch);
    }
    database.sync();
    after.accept(Step.DONE);
  }

  /**
   * Adds to the batch what makes an empty replica of one whose install was cut short; the group's Raft state is to be emptied in
   * the same batch.
   */
  public void wipe(WriteBatch batch, RegionId region, ReplicaRecord marker) {
    marker.ranges().forEach(range -> RangeSlices.delete(store, batch, region, range));
    store.deleteMeta(batch, region);
    store.putMeta(
        batch,
        RegionMeta.REPLICA,
        region,
        ReplicaRecord.of(marker.replica(), ReplicaRecord.State.EMPTY).encode());
  }
}
