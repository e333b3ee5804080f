package io.quorate.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.quorate.proto.etcd.CompactionRequest;
import io.quorate.proto.etcd.DeleteRangeRequest;
import io.quorate.proto.etcd.KVGrpc;
import io.quorate.proto.etcd.LeaseGrantRequest;
import io.quorate.proto.etcd.LeaseGrpc;
import io.quorate.proto.etcd.LeaseLeasesRequest;
import io.quorate.proto.etcd.LeaseRevokeRequest;
import io.quorate.proto.etcd.LeaseTimeToLiveRequest;
import io.quorate.proto.etcd.PutRequest;
import io.quorate.proto.etcd.RangeRequest;
import io.quorate.proto.etcd.TxnRequest;
import io.quorate.proto.etcd.WatchCreateRequest;
import io.quorate.proto.etcd.WatchGrpc;
import io.quorate.proto.etcd.WatchRequest;
import io.quorate.proto.etcd.WatchResponse;
import io.quorate.proto.etcd.mvcc.Event;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The same drawn requests to a real etcd and to a cluster of three stores, one after the other; answers compared field by field, but
 * for who answers and for gaps between revisions. More seeds by {@code -Dseeds=N}. Without the package {@code etcd-server} it is
 * skipped.
 */
class EtcdDifferenceIT {
  private static final int STEPS = 250;
  private static final Set<String> OF_THE_ANSWERER =
      Set.of("cluster_id", "member_id", "raft_term", "TTL");
  private static final Set<String> UNORDERED = Set.of("keys", "leases");
  private static final Set<String> REVISIONS = Set.of("mod_revision", "create_revision");

  @TempDir
  static Path directory;

  private static EtcdProcess etcd;
  private static EmbeddedCluster cluster;
  private static ManagedChannel ours;

  @BeforeAll
  static void start() throws Exception {
    Optional<Path> program = EtcdProcess.installed();
    assumeTrue(program.isPresent(), "no etcd here: install the package etcd-server to compare");
    etcd = EtcdProcess.start(program.get(), directory);
    cluster = EmbeddedCluster.builder().start();
    ours = NettyChannelBuilder.forTarget(cluster.storeAddress(1)).usePlaintext().build();
  }

  @AfterAll
  static void stop() {
    if (ours != null) {
      ours.shutdownNow();
      cluster.close();
    }
    if (etcd != null) {
      etcd.close();
    }
  }

  static LongStream seeds() {
    return LongStream.rangeClosed(1, Long.getLong("seeds", 4));
  }

  /** Numbers of writes as both count them: the n-th write of one is the n-th of the other. */
  private static final class Writes {
    private final List<Long> theirs = new ArrayList<>();
    private final List<Long> ours = new ArrayList<>();
    /** The lowest revision that a write of ours may have: below its header's, where that tells of later. */
    private final List<Long> since = new ArrayList<>();

    void add(long their, long our) {
      add(their, our, our);
    }

    void add(long their, long from, long our) {
      theirs.add(their);
      since.add(from);
      ours.add(our);
    }

    /** Whether a revision of ours is that of the write to which theirs belongs. */
    boolean alike(long their, long our) {
      int number = theirs.indexOf(their);
      return number < 0 ? our == 0 : since.get(number) <= our && our <= ours.get(number);
    }

    int count() {
      return theirs.size();
    }

    static long of(List<Long> side, long number) {
      return number < side.size() ? side.get((int) number) : side.get(side.size() - 1) + 1_000_000;
    }

    /** The newest write that a header of ours covers. */
    long newestOfOurs(long header) {
      long newest = 0;
      for (int i = 0; i < ours.size(); i++) {
        if (since.get(i) <= header) {
          newest = theirs.get(i);
        }
      }
      return newest;
    }
  }

  private static Object call(Channel channel, Message request) {
    try {
      if (request instanceof PutRequest put) {
        return KVGrpc.newBlockingStub(channel).put(put);
      } else if (request instanceof RangeRequest range) {
        return KVGrpc.newBlockingStub(channel).range(range);
      } else if (request instanceof DeleteRangeRequest delete) {
        return KVGrpc.newBlockingStub(channel).deleteRange(delete);
      } else if (request instanceof TxnRequest txn) {
        return KVGrpc.newBlockingStub(channel).txn(txn);
      } else if (request instanceof CompactionRequest compact) {
        return KVGrpc.newBlockingStub(channel).compact(compact);
      } else if (request instanceof LeaseGrantRequest grant) {
        return LeaseGrpc.newBlockingStub(channel).leaseGrant(grant);
      } else if (request instanceof LeaseRevokeRequest revoke) {
        return LeaseGrpc.newBlockingStub(channel).leaseRevoke(revoke);
      } else if (request instanceof LeaseTimeToLiveRequest left) {
        return LeaseGrpc.newBlockingStub(channel).leaseTimeToLive(left);
      }
      return LeaseGrpc.newBlockingStub(channel).leaseLeases((LeaseLeasesRequest) request);
    } catch (StatusRuntimeException refused) {
      return refused.getStatus().getCode() + ": " + refused.getStatus().getDescription();
    }
  }

  private static long revision(Object answer) {
    if (!(answer instanceof Message message)) {
      return 0;
    }
    Message header =
        (Message) message.getField(message.getDescriptorForType().findFieldByName("header"));
    return (Long) header.getField(header.getDescriptorForType().findFieldByName("revision"));
  }

  private static Watching watch(Channel channel, long from) throws InterruptedException {
    Watching watching = new Watching(channel);
    ByteString zero = ByteString.copyFrom(new byte[1]);
    watching.requests.onNext(WatchRequest.newBuilder()
        .setCreateRequest(WatchCreateRequest.newBuilder()
            .setKey(zero)
            .setRangeEnd(zero)
            .setPrevKv(true)
            .setStartRevision(from))
        .build());
    assertThat(watching.next().getCreated()).isTrue();
    return watching;
  }

  /** What a watch of everything told. */
  private static final class Watching implements StreamObserver<WatchResponse> {
    private final BlockingQueue<WatchResponse> responses = new LinkedBlockingQueue<>();
    private final List<Event> events = new ArrayList<>();
    private final StreamObserver<WatchRequest> requests;
    private volatile String ended = "none";

    Watching(Channel channel) {
      requests = WatchGrpc.newStub(channel).watch(this);
    }

    @Override
    public void onNext(WatchResponse response) {
      responses.add(response);
    }

    @Override
    public void onError(Throwable failure) {
      ended = failure.toString();
    }

    @Override
    public void onCompleted() {
      ended = "completed";
    }

    WatchResponse next() throws InterruptedException {
      WatchResponse response = responses.poll(60, TimeUnit.SECONDS);
      assertThat(response).as("the watch told nothing; its end: %s", ended).isNotNull();
      assertThat(response.getCanceled()).as("the watch was ended: %s", response).isFalse();
      return response;
    }

    /** All events up to a revision, which one of them must have. */
    List<Event> upTo(long revision) throws InterruptedException {
      while (events.isEmpty()
          || events.get(events.size() - 1).getKv().getModRevision() < revision) {
        events.addAll(next().getEventsList());
      }
      return events;
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void bothAnswerAlike(long seed) throws Exception {
    clean(etcd.channel());
    clean(ours);
    EtcdSequence sequence = new EtcdSequence(seed);
    Writes writes = new Writes();
    put("first", writes);
    Watching theirWatch = watch(etcd.channel(), writes.theirs.get(0));
    Watching ourWatch = watch(ours, writes.ours.get(0));
    for (int step = 0; step < STEPS; step++) {
      EtcdSequence.Drawn drawn = sequence.next(writes.count());
      if (drawn.of(number -> 1) instanceof CompactionRequest) {
        // Either ends a watch that has yet to tell what is compacted.
        put("mark", writes);
        theirWatch.upTo(writes.theirs.get(writes.count() - 1));
        ourWatch.upTo(writes.ours.get(writes.count() - 1));
      }
      Message toThem = drawn.of(number -> Writes.of(writes.theirs, number));
      long before = writes.theirs.get(writes.count() - 1);
      Object their = call(etcd.channel(), toThem);
      Object our = call(ours, drawn.of(number -> Writes.of(writes.ours, number)));
      String where = "seed " + seed + ", step " + step + ", " + toThem;
      if (!(toThem instanceof CompactionRequest) && revision(their) > before) {
        boolean later = toThem instanceof LeaseRevokeRequest;
        long from = later ? writes.ours.get(writes.count() - 1) + 1 : revision(our);
        writes.add(revision(their), from, revision(our));
      }
      same(where, their, our, writes);
    }
    put("last", writes);
    List<Event> theirs = theirWatch.upTo(writes.theirs.get(writes.count() - 1));
    List<Event> oursToo = ourWatch.upTo(writes.ours.get(writes.count() - 1));
    assertThat(oursToo).as("events of seed %s", seed).hasSameSizeAs(theirs);
    for (int i = 0; i < theirs.size(); i++) {
      same("seed " + seed + ", event " + i, theirs.get(i), oursToo.get(i), writes);
    }
    theirWatch.requests.onCompleted();
    ourWatch.requests.onCompleted();
  }

  private void put(String key, Writes writes) {
    PutRequest put =
        PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build();
    writes.add(revision(call(etcd.channel(), put)), revision(call(ours, put)));
  }

  private static void clean(Channel channel) {
    LeaseGrpc.newBlockingStub(channel)
        .leaseLeases(LeaseLeasesRequest.getDefaultInstance())
        .getLeasesList()
        .forEach(lease ->
            call(channel, LeaseRevokeRequest.newBuilder().setID(lease.getID()).build()));
    ByteString zero = ByteString.copyFrom(new byte[1]);
    call(channel, DeleteRangeRequest.newBuilder().setKey(zero).setRangeEnd(zero).build());
  }

  /** Keys of a lease, and leases, come from etcd in no order that it promises. */
  private static List<?> listed(FieldDescriptor field, List<?> values) {
    return UNORDERED.contains(field.getName())
        ? values.stream().sorted(Comparator.comparing(EtcdDifferenceIT::text)).toList()
        : values;
  }

  private static String text(Object value) {
    return value instanceof ByteString bytes ? bytes.toStringUtf8() : value.toString();
  }

  private static void same(String where, Object their, Object our, Writes writes) {
    if (!(their instanceof Message theirs) || !(our instanceof Message mine)) {
      assertThat(our).as(where).isEqualTo(their);
      return;
    }
    for (FieldDescriptor field : theirs.getDescriptorForType().getFields()) {
      if (OF_THE_ANSWERER.contains(field.getName())) {
        continue;
      }
      String here = where + " → " + field.getName();
      if (field.isRepeated()) {
        List<?> left = listed(field, (List<?>) theirs.getField(field));
        List<?> right = listed(field, (List<?>) mine.getField(field));
        assertThat(right).as("%s: etcd %s, here %s", here, left, right).hasSameSizeAs(left);
        for (int i = 0; i < left.size(); i++) {
          same(here + "[" + i + "]", left.get(i), right.get(i), writes);
        }
      } else if (field.getName().equals("revision")) {
        // A header: of the same write, or in a gap behind it.
        assertThat(writes.newestOfOurs((Long) mine.getField(field)))
            .as(here)
            .isEqualTo(theirs.getField(field));
      } else if (REVISIONS.contains(field.getName())) {
        Long known = (Long) theirs.getField(field);
        Long seen = (Long) mine.getField(field);
        assertThat(writes.alike(known, seen))
            .as("%s: etcd %s, here %s", here, known, seen)
            .isTrue();
      } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        assertThat(mine.hasField(field)).as(here).isEqualTo(theirs.hasField(field));
        same(here, theirs.getField(field), mine.getField(field), writes);
      } else {
        assertThat(mine.getField(field)).as(here).isEqualTo(theirs.getField(field));
      }
    }
  }
}
