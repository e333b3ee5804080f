package io.quorate.region.host;

import io.quorate.model.Peer;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.region.order.Resolved;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the stores that follow how far the regions led here are resolved, and asks those that lead the regions followed here: what
 * one store has to say to another at a time is one word. Words may be lost, late or doubled: a promise that was true stays so, and who
 * waits asks again. Owned by the engine; any thread, sends on the executor's.
 */
final class FollowerPromises {
  private static final Logger log = LoggerFactory.getLogger(FollowerPromises.class);

  /** Regions in one word; more go into several. */
  private static final int MAX_REGIONS = 500;

  private final Function<RegionId, Optional<RegionHost>> regions;
  private final BiConsumer<StoreId, byte[]> say;
  private final Executor executor;

  // Guarded by this. Each has an entry per region of this store at most, and each region's an entry
  // per peer.
  private final Map<RegionId, Set<StoreId>> asking = new HashMap<>();
  private Map<StoreId, Set<RegionId>> toAsk = new HashMap<>();
  private Map<StoreId, Map<RegionId, Resolved>> toTell = new HashMap<>();
  /** Where somebody waits, who is to hear also how far the log is committed. */
  private Map<StoreId, Set<RegionHost>> toShow = new HashMap<>();

  private boolean sending;

  /**
   * @param regions the replicas of this store
   * @param say says a word to another store
   */
  FollowerPromises(
      Function<RegionId, Optional<RegionHost>> regions,
      BiConsumer<StoreId, byte[]> say,
      Executor executor) {
    this.regions = regions;
    this.say = say;
    this.executor = executor;
  }

  /** Somebody waits for a promise of a region that is followed here. */
  void ask(RegionHost follower) {
    Optional<Peer> leader = follower.leader();
    if (leader.isEmpty()) {
      return;
    }
    synchronized (this) {
      toAsk
          .computeIfAbsent(leader.get().store(), store -> new LinkedHashSet<>())
          .add(follower.descriptor().id());
    }
    sendSoon();
  }

  /** A promise was made here: those who asked hear of it. */
  void made(RegionHost leader, Resolved promise) {
    synchronized (this) {
      RegionId region = leader.descriptor().id();
      Set<StoreId> askers = asking.remove(region);
      if (askers == null) {
        return;
      }
      askers.forEach(store -> {
        tell(store, region, promise);
        toShow.computeIfAbsent(store, other -> new HashSet<>()).add(leader);
      });
    }
    sendSoon();
  }

  /** Now and then: all that follow hear the newest promise of what is led here. */
  void tellAll(Iterable<RegionHost> led) {
    synchronized (this) {
      for (RegionHost leader : led) {
        Resolved promise = leader.resolver().newest();
        long replica = leader.selfReplica();
        if (promise.revision() > 0) {
          for (Peer peer : leader.descriptor().peers()) {
            if (peer.replica() != replica) {
              tell(peer.store(), leader.descriptor().id(), promise);
            }
          }
        }
      }
    }
    sendSoon();
  }

  private void tell(StoreId store, RegionId region, Resolved promise) {
    toTell
        .computeIfAbsent(store, other -> new LinkedHashMap<>())
        .merge(region, promise, Resolved::or);
  }

  private void sendSoon() {
    synchronized (this) {
      if (sending || (toAsk.isEmpty() && toTell.isEmpty())) {
        return;
      }
      sending = true;
    }
    try {
      executor.execute(this::send);
    } catch (RejectedExecutionException e) {
      // The store stops.
      log.debug("no word of promises is sent any more");
    }
  }

  private void send() {
    Map<StoreId, Set<RegionId>> asked;
    Map<StoreId, Map<RegionId, Resolved>> told;
    Map<StoreId, Set<RegionHost>> shown;
    synchronized (this) {
      sending = false;
      asked = toAsk;
      told = toTell;
      shown = toShow;
      toAsk = new HashMap<>();
      toTell = new HashMap<>();
      toShow = new HashMap<>();
    }
    shown.forEach(
        (store, leaders) -> leaders.forEach(leader -> leader.resolver().tellCommitted(store)));
    Set<StoreId> stores = new HashSet<>(asked.keySet());
    stores.addAll(told.keySet());
    for (StoreId store : stores) {
      List<RegionId> questions = List.copyOf(asked.getOrDefault(store, Set.of()));
      List<PromiseWord.Told> answers = new ArrayList<>();
      told.getOrDefault(store, Map.of())
          .forEach((region, promise) -> answers.add(new PromiseWord.Told(region, promise)));
      int most = Math.max(questions.size(), answers.size());
      for (int from = 0; from < most; from += MAX_REGIONS) {
        say.accept(store, new PromiseWord(part(questions, from), part(answers, from)).encode());
      }
    }
  }

  private static <T> List<T> part(List<T> all, int from) {
    return from >= all.size()
        ? List.of()
        : all.subList(from, Math.min(all.size(), from + MAX_REGIONS));
  }

  /**
   * Another store has said something.
   *
   * @param want brings about a promise of a region that is led here
   * @return whether it was about promises
   */
  boolean heard(long from, byte[] bytes, Consumer<RegionHost> want) {
    if (!PromiseWord.isOne(bytes)) {
      return false;
    }
    PromiseWord word;
    try {
      word = PromiseWord.decode(bytes);
    } catch (IllegalStateException e) {
      log.warn("store={} says what cannot be read: {}", from, e.getMessage());
      return true;
    }
    for (RegionId region : word.asks()) {
      regions.apply(region).filter(RegionHost::leading).ifPresent(host -> {
        synchronized (this) {
          asking.computeIfAbsent(region, one -> new HashSet<>()).add(new StoreId(from));
        }
        want.accept(host);
      });
    }
    for (PromiseWord.Told told : word.told()) {
      regions.apply(told.region()).ifPresent(host -> host.resolver().told(told.promise()));
    }
    return true;
  }
}
