package io.quorate.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.quorate.client.KeyValue;
import io.quorate.client.QuorateClient;
import io.quorate.client.RangeOptions;
import io.quorate.client.RangeResult;
import io.quorate.client.watch.Watch;
import io.quorate.client.watch.WatchEvent;
import io.quorate.client.watch.WatchOptions;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.etcd.KVGrpc;
import io.quorate.proto.etcd.PutRequest;
import io.quorate.proto.etcd.RangeRequest;
import io.quorate.proto.etcd.RangeResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Watches and stale reads that any replica serves: nothing is missed, and what is read was once the truth. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FollowersIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private EmbeddedCluster cluster;
  private QuorateClient client;

  @BeforeAll
  void start() {
    cluster = EmbeddedCluster.builder().stores(3).splitKeys("k1", "k2", "k3").start();
    client = cluster.client();
  }

  @AfterAll
  void stop() {
    cluster.close();
  }

  private static Bytes key(int number) {
    return Bytes.utf8("k" + number % 4 + "/" + number % 40);
  }

  @Test
  void watchesServedByAnyReplicaTellAllInOrderAlthoughAStoreDies() {
    List<Watch> watches = new ArrayList<>();
    List<List<Long>> told = new ArrayList<>();
    KeyRange range = KeyRange.prefix(Bytes.utf8("k"));
    for (int i = 0; i < 12; i++) {
      List<Long> mine = Collections.synchronizedList(new ArrayList<>());
      told.add(mine);
      watches.add(client.watch(
          range,
          WatchOptions.DEFAULT.withAnyReplica(),
          update -> update.events().stream().map(WatchEvent::revision).forEach(mine::add)));
    }
    watches.forEach(watch ->
        watch.started().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join());
    List<Long> written = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      written.add(client.put(key(i), Bytes.utf8("v" + i)).join().revision());
      if (i == 100) {
        cluster.killStore(3);
      } else if (i == 200) {
        cluster.startStore(3);
      }
    }
    for (List<Long> mine : told) {
      Awaitility.await().atMost(PATIENCE).until(() -> mine.size() >= written.size());
      // Each once, in the order of revisions; puts of unknown fate would be more.
      assertThat(mine).containsExactlyElementsOf(written);
    }
    watches.forEach(Watch::close);
  }

  @Test
  void staleReadsShowOneStateOfThePastThatIsNotLongPast() {
    KeyRange range = KeyRange.prefix(Bytes.utf8("k"));
    for (int i = 0; i < 80; i++) {
      client.put(key(i), Bytes.utf8("w" + i)).join();
      RangeResult stale = client.range(range, RangeOptions.DEFAULT.withStale()).join();
      RangeResult then =
          client.range(range, RangeOptions.DEFAULT.at(stale.revision())).join();
      assertThat(stale.kvs()).isEqualTo(then.kvs());
    }
    long last = client.put(key(0), Bytes.utf8("last")).join().revision();
    // Each asks whichever replica is next, so that only one and the same answer can be judged.
    RangeResult caughtUp = Awaitility.await()
        .atMost(PATIENCE)
        .until(
            () -> client.range(range, RangeOptions.DEFAULT.withStale()).join(),
            stale -> stale.revision() >= last);
    assertThat(caughtUp.kvs()).isEqualTo(client.range(range).join().kvs());
  }

  /** As etcd's member does, which answers such a range by itself. */
  @Test
  void etcdsSerializableRangesAreAnsweredByTheStoreThatIsAskedThoughNoRegionHasALeader() {
    for (int i = 0; i < 40; i++) {
      client.put(key(i), Bytes.utf8("alone" + i)).join();
    }
    long last = client.put(key(0), Bytes.utf8("alone")).join().revision();
    List<KeyValue> all = client.range(KeyRange.prefix(Bytes.utf8("k"))).join().kvs();
    ManagedChannel channel =
        NettyChannelBuilder.forTarget(cluster.storeAddress(1)).usePlaintext().build();
    RangeRequest range = RangeRequest.newBuilder()
        .setKey(ByteString.copyFromUtf8("k"))
        .setRangeEnd(ByteString.copyFromUtf8("l"))
        .setSerializable(true)
        .build();
    try {
      KVGrpc.KVBlockingStub store = KVGrpc.newBlockingStub(channel);
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> store.range(range).getHeader().getRevision() >= last);
      cluster.killStore(2);
      cluster.killStore(3);
      RangeResponse alone =
          store.withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS).range(range);
      assertThat(alone.getHeader().getRevision()).isGreaterThanOrEqualTo(last);
      assertThat(alone.getKvsList().stream().map(kv -> Bytes.of(kv.getValue())))
          .containsExactlyElementsOf(all.stream().map(KeyValue::value).toList());
      assertThatThrownBy(() -> store
              .withDeadlineAfter(2, TimeUnit.SECONDS)
              .range(range.toBuilder().setSerializable(false).build()))
          .isInstanceOf(StatusRuntimeException.class);
    } finally {
      channel.shutdownNow();
      cluster.startStore(2);
      cluster.startStore(3);
      cluster.awaitReady(PATIENCE);
    }
    // What an endpoint has acknowledged it shows from then on.
    ManagedChannel other =
        NettyChannelBuilder.forTarget(cluster.storeAddress(2)).usePlaintext().build();
    try {
      KVGrpc.KVBlockingStub store = KVGrpc.newBlockingStub(other);
      for (int i = 0; i < 40; i++) {
        ByteString value = ByteString.copyFromUtf8("own" + i);
        ByteString key = key(i).toByteString();
        store.put(PutRequest.newBuilder().setKey(key).setValue(value).build());
        assertThat(store
                .range(
                    RangeRequest.newBuilder().setKey(key).setSerializable(true).build())
                .getKvs(0)
                .getValue())
            .isEqualTo(value);
      }
    } finally {
      other.shutdownNow();
    }
  }
}
