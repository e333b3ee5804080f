package io.quorate.region.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.model.Wire;
import io.quorate.proto.GetRequest;
import io.quorate.proto.Request;
import io.quorate.proto.Response;
import io.quorate.raft.GroupId;
import io.quorate.raft.GroupSeed;
import io.quorate.raft.ReplicaId;
import io.quorate.region.command.ControlCodec;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.Split;
import io.quorate.region.lease.LeaseConfig;
import io.quorate.region.lease.StoreLeases;
import io.quorate.region.storage.ChildSeeds;
import io.quorate.region.storage.RegionStore;
import io.quorate.region.storage.SharedStoreConfig;
import io.quorate.region.storage.TestStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.WriteBatch;

/** Reads that were let in before their region was cut, and get their proof of leadership after it. */
class ReadAcrossSplitTest {
  private static final Bytes CUT = Bytes.utf8("m");

  @TempDir
  Path directory;

  private final List<Response> answers = new ArrayList<>();

  @Test
  void getOfAKeyThatWasCutOffMeanwhileIsNotAnswered() {
    try (TestStore disk = new TestStore(directory, SharedStoreConfig.defaults())) {
      RegionStateMachine machine = new RegionStateMachine(
          disk.create(1, KeyRange.ALL),
          new RegionStateMachine.Parts(ApplyHook.NONE, new Unstarted(), Runnable::run));
      HeldBackLog log = new HeldBackLog(new ReplicaId(1, 1), machine);
      RegionHost host = RegionHost.start(around(), machine, log);
      log.lead();

      host.handle(get(host, "cut off"), answers::add);
      host.handle(get(host, "stays"), answers::add);
      assertThat(answers).isEmpty();
      int before = log.waiting();
      assertThat(before).isPositive();
      log.apply(ControlCodec.encode(new Split(
          host.descriptor().epoch(), List.of(new Split.Cut(CUT, new RegionId(2), List.of(21L))))));
      assertThat(host.descriptor().range().start()).isEqualTo(CUT);
      while (log.waiting() > 0) {
        log.endBarrier();
      }

      // By then the child may have written it: only the child's leader knows.
      assertThat(answers).hasSize(2);
      assertThat(answers.get(0).getRegionError().hasEpochMismatch()).isTrue();
      assertThat(answers.get(1).hasGet()).isTrue();
    }
  }

  private static RegionRequest get(RegionHost host, String key) {
    return new RegionRequest(
        Request.newBuilder()
            .setRequestId(key.length())
            .setRegionId(1)
            .setEpoch(Wire.epoch(host.descriptor().epoch()))
            .setTimeoutMs(60_000)
            .setGet(GetRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)))
            .build(),
        "",
        0,
        1);
  }

  /** All on the test's thread. */
  private static Surroundings around() {
    return new Surroundings(
        RegionHostConfig.defaults(),
        MoveLimits.defaults(),
        new CountingOracle(),
        PermissionHook.ALLOW_ALL,
        Runnable::run,
        Runnable::run,
        System::nanoTime,
        new RegionListener() {
          @Override
          public void onChanged(RegionHost region) {}

          @Override
          public void onFailed(RegionHost region, String reason) {
            throw new AssertionError(reason);
          }
        },
        new StoreLeases(LeaseConfig.defaults(), 0),
        new ResolvedLoop(new CountingOracle(), SimTerritory.noFollowers()));
  }

  /** Children are written, and nobody starts them. */
  private static final class Unstarted implements Births, ChildSeeds {
    @Override
    public ChildSeeds seeds() {
      return this;
    }

    @Override
    public void born(Outcome.Split split, List<RegionStore> children, boolean campaign) {}

    @Override
    public StoreId self() {
      return new StoreId(1);
    }

    @Override
    public boolean isHere(GroupId group) {
      return false;
    }

    @Override
    public void seed(WriteBatch batch, GroupSeed seed) {}
  }
}
