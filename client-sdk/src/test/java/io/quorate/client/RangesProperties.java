package io.quorate.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.sim.SimCluster;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Wire;
import io.quorate.proto.PutRequest;
import io.quorate.proto.RangeResponse;
import io.quorate.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * Goal: a range over many regions looks as if there were one region. Method: random keys over five
 * regions, random ranges with random options; the client's answer must equal that of the keyspace
 * asked in one piece.
 */
class RangesProperties {
  private static final int PAGE_KEYS = 5;
  private static final List<SortTarget> SORT_TARGETS = List.of(SortTarget.values());
  private static SimCluster cluster;
  private static QuorateClient client;

  @BeforeAll
  static void start() {
    cluster = new SimCluster(3, "c", "f", "k", "r");
    for (long id = 1; id <= 3; id++) {
      cluster.store(id).pageKeys(PAGE_KEYS);
    }
    client = QuorateClient.open(cluster.config().withPageKeys(4));
    Random random = new Random(1);
    for (int i = 0; i < 120; i++) {
      long at = cluster.keyspace().nextRevisions(1);
      cluster
          .keyspace()
          .put(
              PutRequest.newBuilder()
                  .setKey(randomKey(random).toByteString())
                  .setValue(randomKey(random).toByteString())
                  .build(),
              at);
    }
  }

  @AfterAll
  static void stop() {
    client.close();
    cluster.close();
  }

  @Seeds(200)
  void manyRegionsAnswerAsOne(long seed) {
    Random random = new Random(seed);
    KeyRange range = randomRange(random);
    RangeOptions options = randomOptions(random);
    RangeResult actual = client.blocking().range(range, options);
    long at = options.revision() == 0 ? cluster.keyspace().revision() : options.revision();
    RangeResponse expected =
        cluster.keyspace().range(options.request(Wire.range(range)).build(), at, Integer.MAX_VALUE);
    assertThat(actual).isEqualTo(RangeResult.of(at, expected));
  }

  @Seeds(50)
  void pagesAndIteratorsBringEveryKeyOnce(long seed) {
    Random random = new Random(seed);
    KeyRange range = randomRange(random);
    RangeOptions options = RangeOptions.DEFAULT.withLimit(random.nextInt(3) * 20L);
    List<KeyValue> expected = client.blocking().range(range, options).kvs();
    List<KeyValue> iterated = new ArrayList<>();
    client.blocking().iterate(range, options).forEachRemaining(iterated::add);
    assertThat(iterated).isEqualTo(expected);
    List<KeyValue> paged = new ArrayList<>();
    PageReader pages = client.pages(range, options);
    Optional<RangeResult> page = pages.next().join();
    while (page.isPresent()) {
      assertThat(page.get().kvs()).hasSizeBetween(1, 4);
      paged.addAll(page.get().kvs());
      page = pages.next().join();
    }
    assertThat(paged).isEqualTo(expected);
  }

  private static RangeOptions randomOptions(Random random) {
    RangeOptions options = RangeOptions.DEFAULT
        .withLimit(random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(40))
        .at(random.nextInt(3) == 0 ? 1 + random.nextInt(120) : 0)
        .sortedBy(
            SORT_TARGETS.get(random.nextInt(SORT_TARGETS.size())),
            random.nextBoolean() ? SortOrder.ASCENDING : SortOrder.DESCENDING);
    if (random.nextInt(4) == 0) {
      options = options.withKeysOnly();
    }
    if (random.nextInt(6) == 0) {
      options = options.withCountOnly();
    }
    return random.nextInt(3) == 0
        ? options.filtered(new RevisionFilter(random.nextInt(60), 60 + random.nextInt(60), 0, 0))
        : options;
  }

  private static KeyRange randomRange(Random random) {
    Bytes start = random.nextInt(4) == 0 ? Bytes.EMPTY : randomKey(random);
    return KeyRange.of(start, random.nextInt(3) == 0 ? Bytes.EMPTY : randomKey(random));
  }

  private static Bytes randomKey(Random random) {
    return Bytes.utf8("" + (char) ('a' + random.nextInt(26)) + (char) ('a' + random.nextInt(3)));
  }
}
