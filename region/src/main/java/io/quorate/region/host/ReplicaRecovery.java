package io.quorate.region.host;

import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.raft.GroupId;
import io.quorate.raft.host.RaftHost;
import io.quorate.raft.storage.RaftDatabase;
import io.quorate.region.storage.RangeInstall;
import io.quorate.region.storage.ReplicaRecord;
import io.quorate.region.storage.SharedStore;
import io.quorate.region.storage.Tombstone;
import java.util.Optional;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a start does with replicas whose coming or going a crash cut short. Stateless; the thread that starts the store. */
final class ReplicaRecovery {
  private static final Logger log = LoggerFactory.getLogger(ReplicaRecovery.class);

  private ReplicaRecovery() {}

  /** Ends what a crash cut short, before any region is opened: half-installed replicas are emptied, removed ones destroyed. */
  static void recover(SharedStore store, RaftDatabase database, RaftHost raft) {
    RangeInstall install = new RangeInstall(store, database);
    ReplicaEnd end = new ReplicaEnd(store, database, raft);
    store.replicas().forEach((region, record) -> {
      if (record.state() == ReplicaRecord.State.INSTALLING) {
        try (WriteBatch batch = new WriteBatch()) {
          wipe(batch, install, raft, region, record);
          database.write(batch);
        }
      } else if (record.state() == ReplicaRecord.State.REMOVED) {
        Optional<RegionDescriptor> held = store.regions().stream()
            .filter(descriptor -> descriptor.id().equals(region))
            .findFirst();
        long membership =
            held.map(descriptor -> descriptor.epoch().membership()).orElse(0L);
        end.destroy(
            region, held.map(RegionDescriptor::range), new Tombstone(record.replica(), membership));
        log.info("region={} r{} was removed, destroyed", region, record.replica());
      } else if (record.state() == ReplicaRecord.State.MERGED) {
        end.deleteLog(region);
        log.info("region={} was merged, its log deleted", region);
      }
    });
    database.sync();
  }

  /** Makes an empty replica of one whose install was cut short. */
  static void wipe(
      WriteBatch batch, RangeInstall install, RaftHost raft, RegionId region, ReplicaRecord half) {
    install.wipe(batch, region, half);
    raft.empty(batch, new GroupId(region.value()));
    log.warn("region={} half-installed snapshot wiped, to be fetched again", region);
  }
}
