package io.quorate.client;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The whole keyspace as it stood at one revision. Holds nothing and needs no closing: it can be read
 * until that revision is compacted, then reads are refused as {@code COMPACTED}.
 */
public final class Snapshot {
  private final QuorateClient client;
  private final long revision;

  Snapshot(QuorateClient client, long revision) {
    this.client = client;
    this.revision = revision;
  }

  public long revision() {
    return revision;
  }

  /** The key as it stood. */
  public CompletableFuture<Optional<KeyValue>> get(Bytes key) {
    return client
        .range(KeyRange.single(key), RangeOptions.DEFAULT.at(revision).withoutCount())
        .thenApply(found -> found.kvs().stream().findFirst());
  }

  /** The keys of a range as they stood; the options' own revision is replaced. */
  public CompletableFuture<RangeResult> range(KeyRange range, RangeOptions options) {
    return client.range(range, options.at(revision));
  }

  /** How many keys the range had. */
  public CompletableFuture<Long> count(KeyRange range) {
    return range(range, RangeOptions.DEFAULT.withCountOnly()).thenApply(RangeResult::count);
  }

  /** The range page by page. */
  public PageReader pages(KeyRange range, RangeOptions options) {
    return client.pages(range, options.at(revision));
  }
}
