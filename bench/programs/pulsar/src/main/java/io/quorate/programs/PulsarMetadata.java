package io.quorate.programs;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.pulsar.metadata.api.MetadataStoreConfig;
import org.apache.pulsar.metadata.api.MetadataStoreException;
import org.apache.pulsar.metadata.api.Notification;
import org.apache.pulsar.metadata.api.NotificationType;
import org.apache.pulsar.metadata.api.Stat;
import org.apache.pulsar.metadata.api.coordination.CoordinationService;
import org.apache.pulsar.metadata.api.coordination.LeaderElection;
import org.apache.pulsar.metadata.api.coordination.LeaderElectionState;
import org.apache.pulsar.metadata.api.coordination.LockManager;
import org.apache.pulsar.metadata.api.coordination.ResourceLock;
import org.apache.pulsar.metadata.api.extended.CreateOption;
import org.apache.pulsar.metadata.api.extended.MetadataStoreExtended;
import org.apache.pulsar.metadata.coordination.impl.CoordinationServiceImpl;

/** What brokers do with Pulsar's metadata store on etcd: versioned entries, children, notifications, locks, leaders. */
public final class PulsarMetadata {
  private static final long PATIENCE_SECONDS = 60;
  private static final Optional<Long> NOT_THERE = Optional.of(-1L);

  private PulsarMetadata() {}

  /** Runs it against the endpoints, separated by commas. */
  public static void main(String[] args) throws Exception {
    String url = "etcd:http://" + args[0].replace(",", ",http://");
    MetadataStoreConfig config =
        MetadataStoreConfig.builder().sessionTimeoutMillis(10_000).build();
    try (MetadataStoreExtended one = MetadataStoreExtended.create(url, config);
        MetadataStoreExtended other = MetadataStoreExtended.create(url, config)) {
      entries(one, other);
      say("entries");
      batches(one, other);
      say("batches");
      notifications(one, other);
      say("notifications");
      locks(one, other);
      say("locks");
      leaders(one, other);
      say("leaders");
      ephemeral(url, config, one);
      say("sessions");
    }
    System.exit(0);
  }

  private static void say(String what) {
    System.out.println("pulsar: " + what);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private static void require(boolean is, String what) {
    if (!is) {
      throw new AssertionError("not so: " + what);
    }
  }

  private static void badVersion(CompletableFuture<?> future) throws Exception {
    try {
      get(future);
    } catch (ExecutionException refused) {
      require(
          refused.getCause() instanceof MetadataStoreException.BadVersionException,
          "a bad version, but " + refused.getCause());
      return;
    }
    throw new AssertionError("another's version is not to be written over");
  }

  private static void entries(MetadataStoreExtended one, MetadataStoreExtended other)
      throws Exception {
    String path = "/admin/policies/tenant";
    Stat made = get(one.put(path, bytes("1"), NOT_THERE));
    require(made.getVersion() == 0, "the first version is 0, not " + made.getVersion());
    badVersion(other.put(path, bytes("2"), NOT_THERE));
    Stat changed = get(other.put(path, bytes("2"), Optional.of(0L)));
    require(changed.getVersion() == 1, "the second version is 1");
    badVersion(one.delete(path, Optional.of(0L)));
    get(one.put(path + "/ns1", bytes("a"), NOT_THERE));
    get(one.put(path + "/ns2", bytes("b"), NOT_THERE));
    require(
        List.of("ns1", "ns2").equals(get(one.getChildren(path))),
        "children of " + path + ": " + get(one.getChildren(path)));
    get(one.delete(path + "/ns1", Optional.empty()));
    require(!get(one.exists(path + "/ns1")), path + "/ns1 is deleted");
    Stat first = get(one.put(
        "/ledgers/id-", bytes(""), NOT_THERE, EnumSet.of(CreateOption.Sequential)));
    Stat second = get(other.put(
        "/ledgers/id-", bytes(""), NOT_THERE, EnumSet.of(CreateOption.Sequential)));
    require(!first.getPath().equals(second.getPath()), "sequential paths differ");
  }

  /** More at once than one transaction takes, over all regions. */
  private static void batches(MetadataStoreExtended one, MetadataStoreExtended other)
      throws Exception {
    List<CompletableFuture<Stat>> puts = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      puts.add(one.put("/" + "bdhlpt".charAt(i % 6) + "/batch-" + i, bytes("" + i), NOT_THERE));
    }
    for (CompletableFuture<Stat> put : puts) {
      require(get(put).getVersion() == 0, "each is new");
    }
    List<CompletableFuture<Boolean>> found = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      found.add(other.exists("/" + "bdhlpt".charAt(i % 6) + "/batch-" + i));
    }
    for (CompletableFuture<Boolean> one1 : found) {
      require(get(one1), "each is there");
    }
  }

  private static void notifications(MetadataStoreExtended one, MetadataStoreExtended other)
      throws Exception {
    BlockingQueue<Notification> heard = new LinkedBlockingQueue<>();
    other.registerListener(heard::add);
    get(one.put("/loadbalance/broker", bytes("1"), NOT_THERE));
    await(heard, new Notification(NotificationType.Created, "/loadbalance/broker"));
    get(one.put("/loadbalance/broker", bytes("2"), Optional.empty()));
    await(heard, new Notification(NotificationType.Modified, "/loadbalance/broker"));
    get(one.delete("/loadbalance/broker", Optional.empty()));
    await(heard, new Notification(NotificationType.Deleted, "/loadbalance/broker"));
  }

  private static void await(BlockingQueue<Notification> heard, Notification wanted)
      throws InterruptedException {
    Notification next;
    do {
      next = heard.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      require(next != null, wanted + " is heard of");
    } while (!next.equals(wanted));
  }

  private static void locks(MetadataStoreExtended one, MetadataStoreExtended other)
      throws Exception {
    try (CoordinationService mine = new CoordinationServiceImpl(one);
        CoordinationService theirs = new CoordinationServiceImpl(other);
        LockManager<String> locks = mine.getLockManager(String.class);
        LockManager<String> rivals = theirs.getLockManager(String.class)) {
      ResourceLock<String> held = get(locks.acquireLock("/namespace/bundle", "broker-1"));
      try {
        get(rivals.acquireLock("/namespace/bundle", "broker-2"));
        throw new AssertionError("a lock is held once");
      } catch (ExecutionException busy) {
        require(
            busy.getCause() instanceof MetadataStoreException.LockBusyException,
            "busy, but " + busy.getCause());
      }
      get(held.updateValue("broker-1a"));
      get(held.release());
      get(get(rivals.acquireLock("/namespace/bundle", "broker-2")).release());
      long first = get(mine.getNextCounterValue("/counters/one"));
      require(get(theirs.getNextCounterValue("/counters/one")) > first, "a counter counts");
    }
  }

  private static void leaders(MetadataStoreExtended one, MetadataStoreExtended other)
      throws Exception {
    BlockingQueue<LeaderElectionState> states = new LinkedBlockingQueue<>();
    CoordinationService mine = new CoordinationServiceImpl(one);
    try (CoordinationService theirs = new CoordinationServiceImpl(other);
        LeaderElection<String> rival =
            theirs.getLeaderElection(String.class, "/leader", states::add)) {
      LeaderElection<String> election =
          mine.getLeaderElection(String.class, "/leader", state -> {});
      require(get(election.elect("one")) == LeaderElectionState.Leading, "the first leads");
      require(get(rival.elect("other")) == LeaderElectionState.Following, "the second follows");
      get(election.asyncClose());
      LeaderElectionState state;
      do {
        state = states.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        require(state != null, "the second leads once the first has gone");
      } while (state != LeaderElectionState.Leading);
    }
    mine.close();
  }

  /** What belongs to a session goes with it. */
  private static void ephemeral(String url, MetadataStoreConfig config, MetadataStoreExtended one)
      throws Exception {
    try (MetadataStoreExtended brief = MetadataStoreExtended.create(url, config)) {
      get(brief.put("/brokers/brief", bytes("here"), NOT_THERE, EnumSet.of(CreateOption.Ephemeral)));
      require(get(one.get("/brokers/brief")).orElseThrow().getStat().isEphemeral(), "ephemeral");
    }
    BlockingQueue<Notification> heard = new LinkedBlockingQueue<>();
    one.registerListener(heard::add);
    long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (get(one.get("/brokers/brief")).isPresent()) {
      require(System.nanoTime() < giveUp, "the entry goes with the session");
      var unused = heard.poll(200, TimeUnit.MILLISECONDS);
    }
  }
}
