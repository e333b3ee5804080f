package io.quorate.client.sim;

import io.grpc.Server;
import io.grpc.stub.StreamObserver;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Wire;
import io.quorate.proto.AllocateIdsRequest;
import io.quorate.proto.AllocateIdsResponse;
import io.quorate.proto.Envelope;
import io.quorate.proto.HeartbeatRequest;
import io.quorate.proto.HeartbeatResponse;
import io.quorate.proto.LocatedRegion;
import io.quorate.proto.LookupRegionsRequest;
import io.quorate.proto.LookupRegionsResponse;
import io.quorate.proto.MembersRequest;
import io.quorate.proto.MembersResponse;
import io.quorate.proto.OracleAnswer;
import io.quorate.proto.OracleAsk;
import io.quorate.proto.OracleRequest;
import io.quorate.proto.OracleResponse;
import io.quorate.proto.PlacementError;
import io.quorate.proto.PlacementMember;
import io.quorate.proto.PlacementServiceGrpc;
import io.quorate.proto.RegionsChanged;
import io.quorate.proto.WatchRegionsRequest;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A fake PD: leads unless told otherwise, answers from the cluster's truth. Thread: any. */
public final class SimPlacement extends PlacementServiceGrpc.PlacementServiceImplBase
    implements AutoCloseable {
  private final SimCluster cluster;
  private Server server;
  private final int port;
  private final AtomicInteger lookups = new AtomicInteger();
  private final AtomicInteger oracleMessages = new AtomicInteger();
  private final List<StreamObserver<RegionsChanged>> watchers = new CopyOnWriteArrayList<>();
  private volatile long term = 5;
  private volatile int leaderPort;
  private volatile boolean silentOracle;
  private volatile boolean pushes;
  private final AtomicLong idBound = new AtomicLong();
  private volatile List<Integer> memberPorts = List.of();

  public SimPlacement(SimCluster cluster) {
    this.cluster = cluster;
    this.server = SimCluster.serve(this, 0);
    this.port = server.getPort();
    this.leaderPort = port;
    this.memberPorts = List.of(port);
  }

  public int port() {
    return port;
  }

  /** Regions asked for so far, in calls. */
  public int lookups() {
    return lookups.get();
  }

  public int oracleMessages() {
    return oracleMessages.get();
  }

  /** Who the members are and who of them leads, as this one tells. */
  public void group(List<Integer> ports, int leader, long newTerm) {
    memberPorts = List.copyOf(ports);
    leaderPort = leader;
    term = newTerm;
  }

  public void silenceOracle(boolean silent) {
    silentOracle = silent;
  }

  public void enablePush() {
    pushes = true;
  }

  public void push() {
    RegionsChanged all = changed();
    watchers.forEach(watcher -> watcher.onNext(all));
  }

  private boolean leads() {
    return leaderPort == port;
  }

  private Envelope envelope() {
    return Envelope.newBuilder()
        .setClusterId(SimCluster.CLUSTER_ID)
        .setProtocolVersion(1)
        .build();
  }

  private PlacementError error() {
    return leads()
        ? PlacementError.getDefaultInstance()
        : PlacementError.newBuilder()
            .setCode(PlacementError.Code.NOT_LEADER)
            .setMessage("not the leader")
            .setLeaderAddress(leaderPort == 0 ? "" : "127.0.0.1:" + leaderPort)
            .build();
  }

  @Override
  public void members(MembersRequest request, StreamObserver<MembersResponse> observer) {
    MembersResponse.Builder response =
        MembersResponse.newBuilder().setEnvelope(envelope()).setTerm(term).setBootstrapped(true);
    for (int member : memberPorts) {
      response.addMembers(
          PlacementMember.newBuilder().setMemberId(member).setAddress("127.0.0.1:" + member));
    }
    observer.onNext(response.setLeaderId(leaderPort).build());
    observer.onCompleted();
  }

  @Override
  public void lookupRegions(
      LookupRegionsRequest request, StreamObserver<LookupRegionsResponse> observer) {
    lookups.incrementAndGet();
    LookupRegionsResponse.Builder response = LookupRegionsResponse.newBuilder().setError(error());
    if (leads()) {
      KeyRange range = switch (request.getByCase()) {
        case KEY -> KeyRange.single(Bytes.of(request.getKey()));
        case RANGE -> Wire.range(request.getRange());
        default -> KeyRange.ALL;
      };
      cluster.regions(range).stream()
          .limit(request.getLimit() == 0 ? 100 : request.getLimit())
          .forEach(region -> response.addRegions(located(region)));
      cluster.storeDescriptors().forEach(store -> response.addStores(Wire.store(store)));
    }
    observer.onNext(response.build());
    observer.onCompleted();
  }

  private static LocatedRegion located(SimCluster.Region region) {
    LocatedRegion.Builder located = LocatedRegion.newBuilder()
        .setRegion(Wire.region(region.descriptor()))
        .setTerm(region.term());
    region.leader().ifPresent(leader -> located.setLeader(Wire.peer(leader)));
    return located.build();
  }

  private RegionsChanged changed() {
    RegionsChanged.Builder changed = RegionsChanged.newBuilder().setError(error());
    cluster.regions(KeyRange.ALL).forEach(region -> changed.addRegions(located(region)));
    cluster.storeDescriptors().forEach(store -> changed.addStores(Wire.store(store)));
    return changed.build();
  }

  @Override
  public void watchRegions(WatchRegionsRequest request, StreamObserver<RegionsChanged> observer) {
    watchers.add(observer);
    if (pushes) {
      observer.onNext(changed());
    }
  }

  @Override
  public void allocateIds(
      AllocateIdsRequest request, StreamObserver<AllocateIdsResponse> observer) {
    if (leads()) {
      idBound.addAndGet(request.getCount());
    }
    observer.onNext(AllocateIdsResponse.newBuilder()
        .setError(error())
        .setLast(idBound.get())
        .build());
    observer.onCompleted();
  }

  @Override
  public StreamObserver<HeartbeatRequest> heartbeat(StreamObserver<HeartbeatResponse> observer) {
    return new Forwarding<>(observer) {
      @Override
      public void onNext(HeartbeatRequest beat) {
        observer.onNext(
            HeartbeatResponse.newBuilder().setError(error()).setFeatureLevel(9).build());
      }
    };
  }

  @Override
  public StreamObserver<OracleRequest> oracle(StreamObserver<OracleResponse> observer) {
    return new Forwarding<>(observer) {
      @Override
      public void onNext(OracleRequest request) {
        oracleMessages.incrementAndGet();
        if (silentOracle) {
          return;
        }
        OracleResponse.Builder response =
            OracleResponse.newBuilder().setError(error()).setTerm(term).setCompacted(1);
        if (leads()) {
          for (OracleAsk ask : request.getAsksList()) {
            response.addAnswers(OracleAnswer.newBuilder()
                .setAskId(ask.getAskId())
                .setRevision(
                    ask.getCount() == 0
                        ? cluster.keyspace().revision()
                        : cluster.keyspace().nextRevisions(ask.getCount())));
          }
        }
        observer.onNext(response.build());
      }
    };
  }

  /** Ends its side when the client ends the other. */
  abstract static class Forwarding<T> implements StreamObserver<T> {
    private final StreamObserver<?> back;

    Forwarding(StreamObserver<?> back) {
      this.back = back;
    }

    @Override
    public void onError(Throwable failure) {
      // The client went away.
    }

    @Override
    public void onCompleted() {
      back.onCompleted();
    }
  }

  public void stop() {
    server.shutdownNow();
  }

  public void restart() {
    server = SimCluster.serve(this, port);
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
