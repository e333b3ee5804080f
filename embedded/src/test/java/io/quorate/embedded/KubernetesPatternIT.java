package io.quorate.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.etcd.CompactionRequest;
import io.quorate.proto.etcd.Compare;
import io.quorate.proto.etcd.DeleteRangeRequest;
import io.quorate.proto.etcd.KVGrpc;
import io.quorate.proto.etcd.PutRequest;
import io.quorate.proto.etcd.PutResponse;
import io.quorate.proto.etcd.RangeRequest;
import io.quorate.proto.etcd.RangeResponse;
import io.quorate.proto.etcd.RequestOp;
import io.quorate.proto.etcd.TxnRequest;
import io.quorate.proto.etcd.TxnResponse;
import io.quorate.proto.etcd.WatchCreateRequest;
import io.quorate.proto.etcd.WatchGrpc;
import io.quorate.proto.etcd.WatchProgressRequest;
import io.quorate.proto.etcd.WatchRequest;
import io.quorate.proto.etcd.WatchResponse;
import io.quorate.proto.etcd.mvcc.Event;
import io.quorate.proto.etcd.mvcc.KeyValue;
import io.quorate.testing.HeardAnswers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How Kubernetes' API server keeps its objects (its storage/etcd3: store.go, watcher.go, compact.go), with the requests that it
 * sends: objects created, updated and deleted by their mod revision, lists in pages at one revision, watches from a list on, with
 * progress on request, and compaction that two servers agree on by a key. Regions are cut and leaders move meanwhile.
 */
class KubernetesPatternIT {
  private static final Logger LOG = LoggerFactory.getLogger(KubernetesPatternIT.class);
  private static final long PATIENCE_SECONDS = 60;
  private static final String PODS = "/registry/pods/";
  private static final ByteString COMPACT_KEY = utf8("compact_rev_key");
  private static final int WRITERS = 3;
  private static final int WRITES = 120;

  private static EmbeddedCluster cluster;
  private static List<ManagedChannel> channels;

  @BeforeAll
  static void start() {
    cluster = EmbeddedCluster.builder()
        .splitKeys(
            "/registry/e",
            "/registry/pods/ns1/",
            "/registry/pods/ns2/",
            "/registry/pods/ns3/",
            "/registry/r",
            "/registry/t",
            "c")
        .start();
    channels = new ArrayList<>();
    for (int store = 1; store <= 3; store++) {
      channels.add(NettyChannelBuilder.forTarget(cluster.storeAddress(store))
          .usePlaintext()
          .build());
    }
  }

  @AfterAll
  static void stop() {
    channels.forEach(ManagedChannel::shutdownNow);
    cluster.close();
  }

  private static ByteString utf8(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private static KVGrpc.KVBlockingStub kv(int server) {
    return KVGrpc.newBlockingStub(channels.get(server % channels.size()))
        .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  // ------------------------------------------------------------------ the storage's requests

  private static Compare modIs(String key, long revision) {
    return Compare.newBuilder()
        .setKey(utf8(key))
        .setTarget(Compare.CompareTarget.MOD)
        .setResult(Compare.CompareResult.EQUAL)
        .setModRevision(revision)
        .build();
  }

  private static RequestOp get(String key) {
    return RequestOp.newBuilder()
        .setRequestRange(RangeRequest.newBuilder().setKey(utf8(key)))
        .build();
  }

  private static RequestOp put(String key, String value) {
    return RequestOp.newBuilder()
        .setRequestPut(PutRequest.newBuilder().setKey(utf8(key)).setValue(utf8(value)))
        .build();
  }

  /** Revision of the new object; nothing if there is one. */
  private static Optional<Long> create(int server, String key, String value) {
    TxnResponse done = kv(server)
        .txn(TxnRequest.newBuilder()
            .addCompare(modIs(key, 0))
            .addSuccess(put(key, value))
            .build());
    if (!done.getSucceeded()) {
      return Optional.empty();
    }
    PutResponse put = done.getResponses(0).getResponsePut();
    assertThat(put.getHeader().getRevision()).isEqualTo(done.getHeader().getRevision());
    return Optional.of(put.getHeader().getRevision());
  }

  /** Revision of the new state; nothing if somebody was faster, and then the answer has the object. */
  private static Optional<Long> update(int server, String key, String value, long revision) {
    TxnResponse done = kv(server)
        .txn(TxnRequest.newBuilder()
            .addCompare(modIs(key, revision))
            .addSuccess(put(key, value))
            .addFailure(get(key))
            .build());
    if (done.getSucceeded()) {
      return Optional.of(done.getResponses(0).getResponsePut().getHeader().getRevision());
    }
    RangeResponse found = done.getResponses(0).getResponseRange();
    assertThat(found.getKvsList()).extracting(KeyValue::getModRevision).doesNotContain(revision);
    return Optional.empty();
  }

  /** As {@link #update}. */
  private static Optional<Long> delete(int server, String key, long revision) {
    TxnResponse done = kv(server)
        .txn(TxnRequest.newBuilder()
            .addCompare(modIs(key, revision))
            .addSuccess(RequestOp.newBuilder()
                .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(utf8(key))))
            .addFailure(get(key))
            .build());
    if (!done.getSucceeded()) {
      return Optional.empty();
    }
    assertThat(done.getResponses(0).getResponseDeleteRange().hasHeader()).isTrue();
    return Optional.of(done.getResponses(0).getResponseDeleteRange().getHeader().getRevision());
  }

  /** A list and the revision that it is true at. */
  private record Listed(Map<String, Long> objects, long revision) {
    long revisionOf(String key) {
      return Objects.requireNonNull(objects.get(key));
    }
  }

  /** In pages: the first one's revision is asked for by all others. */
  private static Listed list(int server, String prefix, int page) {
    Map<String, Long> objects = new TreeMap<>();
    ByteString end = KeyRange.prefix(Bytes.utf8(prefix)).end().toByteString();
    ByteString from = utf8(prefix);
    long revision = 0;
    while (true) {
      RangeResponse found = kv(server)
          .range(RangeRequest.newBuilder()
              .setKey(from)
              .setRangeEnd(end)
              .setLimit(page)
              .setRevision(revision)
              .build());
      revision = revision == 0 ? found.getHeader().getRevision() : revision;
      for (KeyValue kv : found.getKvsList()) {
        assertThat(objects.put(kv.getKey().toStringUtf8(), kv.getModRevision())).isNull();
        assertThat(kv.getModRevision()).isLessThanOrEqualTo(revision);
      }
      if (!found.getMore()) {
        return new Listed(objects, revision);
      }
      assertThat(found.getKvsList()).isNotEmpty();
      from =
          found.getKvs(found.getKvsCount() - 1).getKey().concat(ByteString.copyFrom(new byte[1]));
    }
  }

  // ------------------------------------------------------------------ the watch cache

  /** A watch as the cache opens it: only with a leader, with previous values and with progress. */
  private record Watched(HeardAnswers<WatchResponse> heard, StreamObserver<WatchRequest> requests) {
    static Watched open(int server, String prefix, long from) throws InterruptedException {
      Metadata headers = new Metadata();
      headers.put(Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER), "true");
      HeardAnswers<WatchResponse> heard = new HeardAnswers<>();
      StreamObserver<WatchRequest> requests = WatchGrpc.newStub(
              channels.get(server % channels.size()))
          .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
          .watch(heard);
      requests.onNext(WatchRequest.newBuilder()
          .setCreateRequest(WatchCreateRequest.newBuilder()
              .setKey(utf8(prefix))
              .setRangeEnd(KeyRange.prefix(Bytes.utf8(prefix)).end().toByteString())
              .setStartRevision(from)
              .setPrevKv(true)
              .setProgressNotify(true))
          .build());
      assertThat(heard.next().getCreated()).isTrue();
      return new Watched(heard, requests);
    }

    void requestProgress() {
      requests.onNext(WatchRequest.newBuilder()
          .setProgressRequest(WatchProgressRequest.getDefaultInstance())
          .build());
    }
  }

  /** What was acknowledged at a revision; deleted without a value. */
  private record Change(String key, Optional<String> value) {}

  private final Map<Long, Change> acknowledged = new ConcurrentHashMap<>();
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicInteger conflicts = new AtomicInteger();

  /** One stretch of a watch: all that happened after one revision, up to another. */
  private record Stretch(long after, long upTo, List<Event> events) {}

  /** A list, and what was seen from it on. */
  private record Seen(List<Listed> lists, List<Stretch> stretches) {}

  /** Lists, watches from there, goes to another server now and then, and lists anew now and then. */
  private Seen inform(int number) throws InterruptedException {
    Random random = new Random(number);
    Seen seen = new Seen(new ArrayList<>(), new ArrayList<>());
    long revision = 0;
    for (int server = number; !over.get(); server++) {
      if (random.nextInt(3) == 0 || revision == 0) {
        Listed listed = list(server, PODS, 3 + random.nextInt(20));
        assertThat(listed.revision()).isGreaterThanOrEqualTo(revision);
        seen.lists().add(listed);
        revision = listed.revision();
      }
      revision = follow(server, revision, 5 + random.nextInt(40), seen.stretches());
    }
    return seen;
  }

  private long follow(int server, long after, int enough, List<Stretch> stretches)
      throws InterruptedException {
    Watched watch = Watched.open(server, PODS, after + 1);
    List<Event> events = new ArrayList<>();
    long revision = after;
    while (events.size() < enough && !(over.get() && revision > after)) {
      WatchResponse response = watch.heard().poll(20);
      if (response == null) {
        watch.requestProgress();
        continue;
      }
      assertThat(response.getCanceled()).as("%s", response).isFalse();
      events.addAll(response.getEventsList());
      revision = response.getHeader().getRevision();
    }
    watch.requests().onCompleted();
    stretches.add(new Stretch(after, revision, events));
    return revision;
  }

  private void write(int writer) {
    Random random = new Random(100 + writer);
    Map<String, Long> known = new HashMap<>();
    for (int i = 0; i < WRITES; i++) {
      String key = PODS + "ns" + random.nextInt(4) + "/pod-" + random.nextInt(6);
      String value = writer + ":" + i;
      Long revision = known.get(key);
      Optional<Long> done;
      boolean deletes = revision != null && random.nextInt(4) == 0;
      if (revision == null) {
        done = create(writer + i, key, value);
      } else {
        done =
            deletes ? delete(writer + i, key, revision) : update(writer + i, key, value, revision);
      }
      if (done.isPresent()) {
        Change change = new Change(key, deletes ? Optional.empty() : Optional.of(value));
        assertThat(acknowledged.put(done.get(), change))
            .as("two at one revision")
            .isNull();
      } else {
        conflicts.incrementAndGet();
      }
      // As the server does after a conflict: what is there now is what it goes on with.
      RangeResponse now =
          kv(writer).range(RangeRequest.newBuilder().setKey(utf8(key)).build());
      known.remove(key);
      now.getKvsList().forEach(kv -> known.put(key, kv.getModRevision()));
    }
  }

  @Test
  void listAndWatchMissNothingAndRepeatNothing() throws Exception {
    ExecutorService threads = Executors.newCachedThreadPool();
    List<Future<Seen>> informers = new ArrayList<>();
    try (Unrest unrest = Unrest.begin(
        cluster,
        () -> acknowledged.size() + conflicts.get(),
        "/registry/pods/ns0/pod-3",
        "/registry/pods/ns2/pod-2",
        "/registry/pods/ns3/pod-5")) {
      for (int i = 0; i < 3; i++) {
        int number = i;
        informers.add(threads.submit(() -> inform(number)));
      }
      List<Future<?>> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        int number = i;
        writers.add(threads.submit(() -> write(number)));
      }
      for (Future<?> writer : writers) {
        writer.get(2 * PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
      over.set(true);
      TreeMap<Long, Change> history = new TreeMap<>(acknowledged);
      for (Future<Seen> informer : informers) {
        judge(informer.get(2 * PATIENCE_SECONDS, TimeUnit.SECONDS), history);
      }
      assertThat(unrest.cuts()).isPositive();
      LOG.info(
          "{} changes, {} conflicts, {} moves of leaders, {} cuts",
          history.size(),
          conflicts.get(),
          unrest.moves(),
          unrest.cuts());
      assertThat(list(0, PODS, 7).objects()).isEqualTo(stateAt(history, Long.MAX_VALUE));
    }
    threads.shutdown();
  }

  private static Map<String, Long> stateAt(NavigableMap<Long, Change> history, long revision) {
    Map<String, Long> state = new TreeMap<>();
    history.headMap(revision, true).forEach((at, change) -> {
      if (change.value().isPresent()) {
        state.put(change.key(), at);
      } else {
        state.remove(change.key());
      }
    });
    return state;
  }

  private static void judge(Seen seen, NavigableMap<Long, Change> history) {
    assertThat(seen.stretches()).isNotEmpty();
    for (Listed listed : seen.lists()) {
      assertThat(listed.objects())
          .as("list at %s", listed.revision())
          .isEqualTo(stateAt(history, listed.revision()));
    }
    for (Stretch stretch : seen.stretches()) {
      assertThat(stretch.events())
          .extracting(event -> event.getKv().getModRevision())
          .as("events after %s up to %s", stretch.after(), stretch.upTo())
          .containsExactlyElementsOf(
              history.subMap(stretch.after(), false, stretch.upTo(), true).keySet());
      for (Event event : stretch.events()) {
        KeyValue kv = event.getKv();
        Change change = history.get(kv.getModRevision());
        boolean deleted = event.getType() == Event.EventType.DELETE;
        assertThat(new Change(
                kv.getKey().toStringUtf8(),
                deleted ? Optional.empty() : Optional.of(kv.getValue().toStringUtf8())))
            .isEqualTo(change);
        boolean made = !deleted && kv.getCreateRevision() == kv.getModRevision();
        assertThat(event.hasPrevKv()).as("%s", event).isEqualTo(!made);
      }
    }
  }

  /** A consistent read from the cache: how the newest revision is, and that a watch in which nothing happens has come so far. */
  @Test
  void idleRegionsTellOfProgressWhenAsked() throws Exception {
    Watched watch = Watched.open(1, "/registry/services/", 0);
    List<Long> micros = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      kv(2).put(PutRequest.newBuilder().setKey(utf8("a/elsewhere")).build());
      long asked = System.nanoTime();
      long newest = kv(0)
          .range(RangeRequest.newBuilder()
              .setKey(utf8("/registry/services/"))
              .setLimit(1)
              .build())
          .getHeader()
          .getRevision();
      watch.requestProgress();
      WatchResponse progress = watch.heard().next();
      while (progress.getHeader().getRevision() < newest) {
        watch.requestProgress();
        progress = watch.heard().next();
      }
      assertThat(progress.getEventsCount()).isZero();
      micros.add((System.nanoTime() - asked) / 1_000);
    }
    Collections.sort(micros);
    LOG.info(
        "revision and progress of idle regions: median {} us, worst {} us of {}",
        micros.get(micros.size() / 2),
        micros.get(micros.size() - 1),
        micros.size());
    watch.requests().onCompleted();
  }

  /** One of two servers wins the right to compact, by the version of a key. */
  private static Optional<Long> mayCompact(int server, long version, long revision) {
    TxnResponse done = kv(server)
        .txn(TxnRequest.newBuilder()
            .addCompare(Compare.newBuilder()
                .setKey(COMPACT_KEY)
                .setTarget(Compare.CompareTarget.VERSION)
                .setVersion(version))
            .addSuccess(put(COMPACT_KEY.toStringUtf8(), String.valueOf(revision)))
            .addFailure(get(COMPACT_KEY.toStringUtf8()))
            .build());
    if (!done.getSucceeded()) {
      KeyValue taken = done.getResponses(0).getResponseRange().getKvs(0);
      assertThat(taken.getVersion()).isEqualTo(version + 1);
    }
    return done.getSucceeded() ? Optional.of(done.getHeader().getRevision()) : Optional.empty();
  }

  @Test
  void twoServersCompactOnceEach() throws Exception {
    String maps = "/registry/configmaps/";
    for (int i = 0; i < 10; i++) {
      assertThat(create(i, maps + i, "1")).isPresent();
    }
    Listed old = list(0, maps, 4);
    long first = old.revisionOf(maps + 3);
    for (long version = 0; version < 3; version++) {
      Optional<Long> one = mayCompact(0, version, old.revision());
      Optional<Long> other = mayCompact(1, version, old.revision());
      assertThat(one).isPresent();
      assertThat(other).isEmpty();
      assertThat(update(2, maps + version, "2", old.revisionOf(maps + version))).isPresent();
    }
    long floor = list(0, maps, 100).revision();
    assertThat(create(0, maps + "later", "1")).isPresent();
    kv(2).compact(CompactionRequest.newBuilder().setRevision(floor).build());

    assertThat(kv(0).range(at(maps, floor)).getCount()).isEqualTo(10);
    // What the API server knows "410 Gone" by.
    assertThatThrownBy(() -> kv(1).range(at(maps, old.revision())))
        .hasMessageContaining("mvcc: required revision has been compacted");
    Watched late = Watched.open(1, maps, first);
    WatchResponse cancelled = late.heard().next();
    assertThat(cancelled.getCanceled()).isTrue();
    assertThat(cancelled.getCompactRevision()).isGreaterThanOrEqualTo(floor);
    late.requests().onCompleted();
  }

  private static RangeRequest at(String prefix, long revision) {
    return RangeRequest.newBuilder()
        .setKey(utf8(prefix))
        .setRangeEnd(KeyRange.prefix(Bytes.utf8(prefix)).end().toByteString())
        .setRevision(revision)
        .build();
  }
}
