package io.quorate.client.recipe;

import io.quorate.client.ClientClosedException;
import io.quorate.client.KeyValue;
import io.quorate.client.PageReader;
import io.quorate.client.QuorateClient;
import io.quorate.client.RangeOptions;
import io.quorate.client.RefusedException;
import io.quorate.client.watch.Watch;
import io.quorate.client.watch.WatchEvent;
import io.quorate.client.watch.WatchListener;
import io.quorate.client.watch.WatchOptions;
import io.quorate.client.watch.WatchUpdate;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.RefusalCode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A copy of a range in this process, kept by a watch: always the whole range exactly as it was at one revision, which goes up and
 * never back. It is behind the cluster by what is on its way; {@link #sync} waits that out. It goes on until it is closed, or its
 * listener is told why it ended. Any thread; the listener is called on the client's callback threads, one call at a time.
 */
public final class CachedPrefix implements AutoCloseable {
  private static final int KEY_OVERHEAD = 160;

  /**
   * What it may take.
   *
   * @param bytes of keys and values and some for each key; a range that has more ends the copy
   */
  public record Limits(long bytes) {
    public static final Limits DEFAULT = new Limits(256L << 20);
  }

  /** Hears of changes. */
  @FunctionalInterface
  public interface Listener {
    /** The copy has changed; it may have changed again meanwhile, and several changes may be told as one. */
    void onChange(View view);

    /** It ended by itself: nothing follows, and what is there gets old. */
    default void onEnd(Throwable why) {}
  }

  /**
   * The range as it was.
   *
   * @param revision all up to it is in, nothing after it
   * @param keys immutable
   */
  public record View(long revision, NavigableMap<Bytes, KeyValue> keys) {}

  private final QuorateClient client;
  private final KeyRange range;
  private final Limits limits;
  private final Listener listener;
  private final CompletableFuture<CachedPrefix> ready = new CompletableFuture<>();

  // Guarded by this.
  private NavigableMap<Bytes, KeyValue> keys = new TreeMap<>();
  private long bytes;
  private long revision;
  /** Of the keys as they are; null once they changed. */
  private @Nullable NavigableMap<Bytes, KeyValue> shown;

  private final TreeMap<Long, CompletableFuture<Long>> awaited = new TreeMap<>();
  private @Nullable Throwable why;
  private @Nullable Watch watch;

  private CachedPrefix(QuorateClient client, KeyRange range, Limits limits, Listener listener) {
    this.client = client;
    this.range = range;
    this.limits = limits;
    this.listener = listener;
  }

  /** Loads a range; the future completes when it is whole. */
  public static CompletableFuture<CachedPrefix> open(
      QuorateClient client, KeyRange range, Limits limits, Listener listener) {
    CachedPrefix cache = new CachedPrefix(client, range, limits, listener);
    cache.load();
    return cache.ready;
  }

  // ------------------------------------------------------------------ what is there

  /** A key as it was at {@link #revision}. */
  public synchronized Optional<KeyValue> get(Bytes key) {
    return Optional.ofNullable(keys.get(key));
  }

  /** All of it; copied once after each change, if anybody looks. */
  public synchronized View view() {
    NavigableMap<Bytes, KeyValue> known = shown;
    if (known == null) {
      known = Collections.unmodifiableNavigableMap(new TreeMap<>(keys));
      shown = known;
    }
    return new View(revision, known);
  }

  public synchronized long revision() {
    return revision;
  }

  /** Waits until everything is in that was acknowledged before this was called; completes with the copy's revision. */
  public CompletableFuture<Long> sync() {
    return Repeat.untilAnswered(client::snapshot, () -> !hasEnded())
        .thenCompose(now -> await(now.revision()));
  }

  /** Waits until everything up to a revision is in; fails when the copy ends. */
  public CompletableFuture<Long> await(long wanted) {
    CompletableFuture<Long> reached;
    synchronized (this) {
      Throwable ended = why;
      if (ended != null) {
        return CompletableFuture.failedFuture(ended);
      }
      if (revision >= wanted) {
        return CompletableFuture.completedFuture(revision);
      }
      reached = awaited.computeIfAbsent(wanted, at -> new CompletableFuture<>());
    }
    requestProgress();
    return reached.copy();
  }

  private synchronized void requestProgress() {
    Watch open = watch;
    if (!awaited.isEmpty() && open != null) {
      open.requestProgress();
    }
  }

  private synchronized boolean hasEnded() {
    return why != null;
  }

  /** Ends it without a word to the listener; what is there gets old. */
  @Override
  public void close() {
    end(new ClientClosedException("the copy was closed"), /* tell= */ false);
  }

  // ------------------------------------------------------------------ loading

  private void load() {
    if (hasEnded()) {
      return;
    }
    PageReader pages = client.pages(range, RangeOptions.DEFAULT.withoutCount());
    TreeMap<Bytes, KeyValue> loaded = new TreeMap<>();
    var unused = pages(pages, loaded, 0).whenComplete((size, failure) -> {
      if (failure == null) {
        loaded(loaded, size, pages.revision());
      } else {
        ended(Repeat.cause(failure));
      }
    });
  }

  private CompletableFuture<Long> pages(
      PageReader pages, NavigableMap<Bytes, KeyValue> loaded, long size) {
    return Repeat.untilAnswered(pages::next, () -> !hasEnded()).thenCompose(page -> {
      long sum = size;
      if (page.isEmpty()) {
        return CompletableFuture.completedFuture(sum);
      }
      for (KeyValue kv : page.get().kvs()) {
        loaded.put(kv.key(), kv);
        sum += weight(kv);
      }
      return sum > limits.bytes()
          ? CompletableFuture.failedFuture(tooLarge())
          : pages(pages, loaded, sum);
    });
  }

  private static long weight(KeyValue kv) {
    return KEY_OVERHEAD + 2L * kv.key().length() + kv.value().length();
  }

  private IllegalStateException tooLarge() {
    return new IllegalStateException(
        range + " has more than the " + limits.bytes() + " bytes that its copy may take");
  }

  private void loaded(NavigableMap<Bytes, KeyValue> loaded, long size, long at) {
    boolean changed;
    synchronized (this) {
      if (why != null) {
        return;
      }
      changed = !loaded.equals(keys) || !ready.isDone();
      keys = loaded;
      bytes = size;
      revision = Math.max(revision, at);
      shown = null;
    }
    reached(at);
    try {
      if (changed) {
        tell();
      }
    } catch (RuntimeException e) {
      end(e, /* tell= */ true);
    }
    ready.complete(this);
    follow(at + 1);
  }

  // ------------------------------------------------------------------ following

  private void follow(long from) {
    Watch opened = client.watch(range, WatchOptions.DEFAULT.from(from), new WatchListener() {
      @Override
      public void onUpdate(WatchUpdate update) {
        take(update);
      }

      @Override
      public void onEnd(Throwable reason) {
        ended(reason);
      }
    });
    boolean over;
    synchronized (this) {
      watch = opened;
      over = why != null;
    }
    requestProgress();
    if (over) {
      opened.close();
    }
  }

  private void take(WatchUpdate update) {
    synchronized (this) {
      if (why != null) {
        return;
      }
      for (WatchEvent event : update.events()) {
        KeyValue old = event.type() == WatchEvent.Type.PUT
            ? keys.put(event.key(), event.kv())
            : keys.remove(event.key());
        bytes += event.type() == WatchEvent.Type.PUT ? weight(event.kv()) : 0;
        bytes -= old == null ? 0 : weight(old);
        shown = null;
      }
      revision = Math.max(revision, update.revision());
    }
    if (bytesNow() > limits.bytes()) {
      end(tooLarge(), /* tell= */ true);
      return;
    }
    reached(update.revision());
    if (!update.isProgress()) {
      tell();
    }
  }

  private synchronized long bytesNow() {
    return bytes;
  }

  private void reached(long at) {
    List<CompletableFuture<Long>> done = new ArrayList<>();
    synchronized (this) {
      Map<Long, CompletableFuture<Long>> due = awaited.headMap(at, true);
      done.addAll(due.values());
      due.clear();
      if (!awaited.isEmpty()) {
        Repeat.pause(Repeat.PAUSE_MILLIS).execute(this::requestProgress);
      }
    }
    done.forEach(each -> each.complete(at));
  }

  private void tell() {
    listener.onChange(view());
  }

  /** Loading or watching ended. Compacted: it fell too far behind, and begins anew. */
  private void ended(Throwable reason) {
    boolean anew = reason instanceof RefusedException refused
        ? refused.code() == RefusalCode.COMPACTED
        : Repeat.isPassing(reason);
    if (anew) {
      Repeat.pause(Repeat.PAUSE_MILLIS).execute(this::load);
    } else {
      end(reason, /* tell= */ true);
    }
  }

  private void end(Throwable reason, boolean tell) {
    List<CompletableFuture<Long>> failed;
    Watch open;
    synchronized (this) {
      if (why != null) {
        return;
      }
      why = reason;
      failed = List.copyOf(awaited.values());
      awaited.clear();
      open = watch;
    }
    if (open != null) {
      open.close();
    }
    failed.forEach(each -> each.completeExceptionally(reason));
    boolean opened = !ready.completeExceptionally(reason);
    if (tell && opened) {
      listener.onEnd(reason);
    }
  }
}
