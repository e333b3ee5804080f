package io.quorate.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Election;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.auth.Permission;
import io.etcd.jetcd.cluster.Member;
import io.etcd.jetcd.election.CampaignResponse;
import io.etcd.jetcd.election.LeaderResponse;
import io.etcd.jetcd.election.NoLeaderException;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.lease.LeaseTimeToLiveResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.support.CloseableClient;
import io.etcd.jetcd.watch.WatchEvent;
import io.quorate.auth.ClusterKey;
import io.quorate.testing.HeardAnswers;
import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * jetcd, etcd's client for Java, as it is published, against three stores and nine regions whose leaders move all the time and that
 * are cut further.
 */
class JetcdIT {
  private static final long PATIENCE_SECONDS = 60;
  private static final int THREADS = 4;

  private static EmbeddedCluster cluster;
  private static Unrest unrest;
  private static Client jetcd;
  private static final AtomicInteger answers = new AtomicInteger();

  @BeforeAll
  static void start() {
    cluster = EmbeddedCluster.builder()
        .clusterKey(ClusterKey.random())
        .splitKeys("c", "e", "h", "k", "l/5", "p", "t/1", "w/4")
        .start();
    jetcd = Client.builder().endpoints(endpoints()).build();
    unrest = Unrest.begin(cluster, answers::get, "kv/50", "w/2", "t/2", "l/9", "w/6");
  }

  @AfterAll
  static void stop() throws Exception {
    jetcd.close();
    try {
      unrest.close();
      assertThat(unrest.cuts()).as("regions that were cut").isPositive();
    } finally {
      cluster.close();
    }
  }

  private static String[] endpoints() {
    return IntStream.rangeClosed(1, 3)
        .mapToObj(store -> "http://" + cluster.storeAddress(store))
        .toArray(String[]::new);
  }

  private static ByteSequence utf8(String text) {
    return ByteSequence.from(text, UTF_8);
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    T answer = future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    answers.incrementAndGet();
    return answer;
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T heard = queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(heard).as("nothing came").isNotNull();
    return heard;
  }

  @Test
  void keysAndValues() throws Exception {
    KV kv = jetcd.getKVClient();
    for (int i = 10; i < 99; i++) {
      get(kv.put(utf8("kv/" + i), utf8("v" + i)));
    }
    GetOption prefix = GetOption.builder().isPrefix(true).build();
    GetResponse all = get(kv.get(utf8("kv/"), prefix));
    assertThat(all.getCount()).isEqualTo(89);
    assertThat(all.getKvs())
        .extracting(found -> found.getValue().toString())
        .containsExactlyElementsOf(
            IntStream.range(10, 99).mapToObj(i -> "v" + i).toList());

    GetResponse last = get(kv.get(
        utf8("kv/"),
        GetOption.builder()
            .isPrefix(true)
            .withLimit(2)
            .withSortField(GetOption.SortTarget.MOD)
            .withSortOrder(GetOption.SortOrder.DESCEND)
            .build()));
    assertThat(last.getKvs())
        .extracting(found -> found.getKey().toString())
        .containsExactly("kv/98", "kv/97");
    assertThat(last.isMore()).isTrue();

    var again =
        get(kv.put(utf8("kv/10"), utf8("w"), PutOption.builder().withPrevKV().build()));
    assertThat(again.getPrevKv().getValue()).isEqualTo(utf8("v10"));
    GetResponse before = get(kv.get(
        utf8("kv/10"),
        GetOption.builder().withRevision(all.getHeader().getRevision()).build()));
    assertThat(before.getKvs().get(0).getValue()).isEqualTo(utf8("v10"));
    var gone = get(kv.delete(
        utf8("kv/"), DeleteOption.builder().isPrefix(true).withPrevKV(true).build()));
    assertThat(gone.getDeleted()).isEqualTo(89);
    assertThat(gone.getPrevKvs()).hasSize(89);
    assertThat(get(kv.get(utf8("kv/"), prefix)).getCount()).isZero();
  }

  /** Between accounts in several regions money moves, and is neither made nor lost. */
  @Test
  void transactions() throws Exception {
    KV kv = jetcd.getKVClient();
    List<ByteSequence> accounts =
        List.of(utf8("a/txn"), utf8("m/txn"), utf8("t/0"), utf8("t/3"), utf8("z/txn"));
    for (ByteSequence account : accounts) {
      get(kv.put(account, utf8("100")));
    }
    AtomicInteger moved = new AtomicInteger();
    inThreads(number -> {
      for (int i = 0; i < 12; i++) {
        ByteSequence from = accounts.get((number + i) % accounts.size());
        ByteSequence to = accounts.get((number + 2 * i + 1) % accounts.size());
        if (!from.equals(to) && move(from, to)) {
          moved.incrementAndGet();
        }
      }
    });
    assertThat(moved.get()).isPositive();
    Op[] reads =
        accounts.stream().map(account -> Op.get(account, GetOption.DEFAULT)).toArray(Op[]::new);
    TxnResponse sums = get(kv.txn().Then(reads).commit());
    assertThat(sums.getGetResponses().stream().mapToInt(JetcdIT::number).sum()).isEqualTo(500);
  }

  private static int number(GetResponse account) {
    return Integer.parseInt(account.getKvs().get(0).getValue().toString());
  }

  /** Reads both and writes both if nobody was faster; a transaction of unknown outcome would leave the sum alone, too. */
  private static boolean move(ByteSequence from, ByteSequence to) throws Exception {
    KV kv = jetcd.getKVClient();
    GetResponse has = get(kv.get(from));
    GetResponse gets = get(kv.get(to));
    TxnResponse done = get(kv.txn()
        .If(unchanged(has.getKvs().get(0)), unchanged(gets.getKvs().get(0)))
        .Then(
            Op.put(from, utf8(String.valueOf(number(has) - 1)), PutOption.DEFAULT),
            Op.put(to, utf8(String.valueOf(number(gets) + 1)), PutOption.DEFAULT))
        .Else(Op.get(from, GetOption.DEFAULT))
        .commit());
    assertThat(done.isSucceeded() ? done.getPutResponses() : done.getGetResponses())
        .isNotEmpty();
    return done.isSucceeded();
  }

  private static Cmp unchanged(KeyValue known) {
    return new Cmp(known.getKey(), Cmp.Op.EQUAL, CmpTarget.modRevision(known.getModRevision()));
  }

  private interface Work {
    void run(int thread) throws Exception;
  }

  private static void inThreads(Work work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      int number = i;
      running.add(threads.submit(() -> {
        work.run(number);
        return null;
      }));
    }
    for (Future<?> one : running) {
      one.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
    threads.shutdown();
  }

  /** A watch over several regions tells all of what was acknowledged, in the order of revisions, once. */
  @Test
  void watches() throws Exception {
    List<WatchEvent> heard = Collections.synchronizedList(new ArrayList<>());
    BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    BlockingQueue<Long> progress = new LinkedBlockingQueue<>();
    WatchOption option = WatchOption.builder()
        .isPrefix(true)
        .withPrevKV(true)
        .withRevision(1)
        .withRequireLeader(true)
        .build();
    Watch.Listener listener = Watch.listener(
        response -> {
          heard.addAll(response.getEvents());
          if (response.isProgressNotify()) {
            progress.add(response.getHeader().getRevision());
          }
        },
        failures::add);
    List<Long> revisions = Collections.synchronizedList(new ArrayList<>());
    KV kv = jetcd.getKVClient();
    try (Watch.Watcher watcher = jetcd.getWatchClient().watch(utf8("w/"), option, listener)) {
      inThreads(number -> {
        for (int i = 0; i < 40; i++) {
          ByteSequence key = utf8("w/" + (i % 8) + "/" + number);
          var header = i % 5 == 4
              ? get(kv.delete(key)).getHeader()
              : get(kv.put(key, utf8(number + ":" + i))).getHeader();
          if (i % 5 != 4 || i >= 12) {
            revisions.add(header.getRevision());
          }
        }
      });
      long last = Collections.max(revisions);
      Awaitility.await().atMost(PATIENCE_SECONDS, TimeUnit.SECONDS).until(() -> {
        watcher.requestProgress();
        Long told = progress.poll(1, TimeUnit.SECONDS);
        return told != null && told >= last;
      });
    }
    assertThat(failures).isEmpty();
    List<Long> order =
        heard.stream().map(event -> event.getKeyValue().getModRevision()).toList();
    assertThat(order).doesNotHaveDuplicates().isSorted();
    List<Long> puts = heard.stream()
        .filter(event -> event.getEventType() == WatchEvent.EventType.PUT)
        .map(event -> event.getKeyValue().getModRevision())
        .toList();
    assertThat(puts).hasSize(THREADS * 32);
    assertThat(revisions).containsAll(puts);
    for (WatchEvent event : heard) {
      boolean isNew =
          event.getKeyValue().getCreateRevision() == event.getKeyValue().getModRevision();
      if (!isNew) {
        assertThat(event.getPrevKV().getModRevision())
            .isLessThan(event.getKeyValue().getModRevision())
            .isPositive();
      }
    }
  }

  @Test
  void leases() throws Exception {
    var leases = jetcd.getLeaseClient();
    KV kv = jetcd.getKVClient();
    long lease = get(leases.grant(30)).getID();
    PutOption under = PutOption.builder().withLeaseId(lease).build();
    List<ByteSequence> keys = List.of(utf8("b/lease"), utf8("g/lease"), utf8("x/lease"));
    for (ByteSequence key : keys) {
      get(kv.put(key, utf8("1"), under));
    }
    HeardAnswers<LeaseKeepAliveResponse> renewed = new HeardAnswers<>();
    CloseableClient keeper = leases.keepAlive(lease, renewed);
    assertThat(renewed.next().getTTL()).isEqualTo(30);
    keeper.close();
    LeaseTimeToLiveResponse left =
        get(leases.timeToLive(lease, LeaseOption.builder().withAttachedKeys().build()));
    assertThat(left.getKeys()).containsExactlyInAnyOrderElementsOf(keys);
    assertThat(left.getGrantedTTL()).isEqualTo(30);
    assertThat(get(leases.keepAliveOnce(lease)).getTTL()).isEqualTo(30);
    get(leases.revoke(lease));
    for (ByteSequence key : keys) {
      assertThat(get(kv.get(key)).getCount()).isZero();
    }
    assertThatThrownBy(() -> get(kv.put(utf8("b/lease"), utf8("2"), under)))
        .hasMessageContaining("etcdserver: requested lease not found");
  }

  /** A counter that is read and written under a lock: no step is lost. */
  @Test
  void locks() throws Exception {
    KV kv = jetcd.getKVClient();
    ByteSequence counter = utf8("q/counter");
    get(kv.put(counter, utf8("0")));
    inThreads(number -> {
      long lease = get(jetcd.getLeaseClient().grant(60)).getID();
      for (int i = 0; i < 4; i++) {
        ByteSequence held = get(jetcd.getLockClient().lock(utf8("l"), lease)).getKey();
        int seen = number(get(kv.get(counter)));
        get(kv.put(counter, utf8(String.valueOf(seen + 1))));
        get(jetcd.getLockClient().unlock(held));
      }
      get(jetcd.getLeaseClient().revoke(lease));
    });
    assertThat(number(get(kv.get(counter)))).isEqualTo(THREADS * 4);
  }

  @Test
  void elections() throws Exception {
    Election election = jetcd.getElectionClient();
    ByteSequence name = utf8("elect");
    long first = get(jetcd.getLeaseClient().grant(60)).getID();
    long second = get(jetcd.getLeaseClient().grant(60)).getID();
    BlockingQueue<String> observed = new LinkedBlockingQueue<>();
    election.observe(name, new Election.Listener() {
      @Override
      public void onNext(LeaderResponse response) {
        observed.add(response.getKv().getValue().toString());
      }

      @Override
      public void onError(Throwable failure) {}

      @Override
      public void onCompleted() {}
    });
    CampaignResponse leader = get(election.campaign(name, first, utf8("one")));
    CompletableFuture<CampaignResponse> waiting = election.campaign(name, second, utf8("two"));
    assertThat(get(election.leader(name)).getKv().getValue()).isEqualTo(utf8("one"));
    get(election.proclaim(leader.getLeader(), utf8("one more")));
    assertThat(get(election.leader(name)).getKv().getValue()).isEqualTo(utf8("one more"));
    for (int before = unrest.moves(); unrest.moves() < before + 2; ) {
      get(election.leader(name));
    }
    assertThat(waiting).isNotDone();
    get(election.resign(leader.getLeader()));
    CampaignResponse successor = get(waiting);
    String last;
    do {
      last = next(observed);
    } while (!last.equals("two"));
    assertThat(get(election.leader(name)).getKv().getValue()).isEqualTo(utf8("two"));
    get(election.resign(successor.getLeader()));
    assertThatThrownBy(() -> get(election.leader(name)))
        .hasCauseInstanceOf(NoLeaderException.class);
  }

  @Test
  void usersAndRoles() throws Exception {
    var auth = jetcd.getAuthClient();
    get(auth.userAdd(utf8("root"), utf8("r00t")));
    get(auth.userGrantRole(utf8("root"), utf8("root")));
    get(auth.userAdd(utf8("alice"), utf8("secret")));
    get(auth.roleAdd(utf8("reader")));
    get(auth.roleGrantPermission(
        utf8("reader"), utf8("d/"), utf8("d0"), Permission.Type.READWRITE));
    get(auth.userGrantRole(utf8("alice"), utf8("reader")));
    get(auth.authEnable());
    try (Client root = as("root", "r00t")) {
      try (Client alice = as("alice", "secret")) {
        get(alice.getKVClient().put(utf8("d/auth"), utf8("1")));
        assertThat(get(alice.getKVClient().get(utf8("d/auth"))).getCount()).isEqualTo(1);
        assertThatThrownBy(() -> get(alice.getKVClient().get(utf8("e/auth"))))
            .hasMessageContaining("etcdserver: permission denied");
        BlockingQueue<WatchEvent> heard = new LinkedBlockingQueue<>();
        Watch.Watcher watcher = alice
            .getWatchClient()
            .watch(
                utf8("d/"),
                WatchOption.builder().isPrefix(true).withRevision(1).build(),
                response -> heard.addAll(response.getEvents()));
        assertThat(next(heard).getKeyValue().getKey()).isEqualTo(utf8("d/auth"));
        watcher.close();
        assertThat(get(root.getAuthClient().userList()).getUsers()).contains("alice", "root");
      } finally {
        get(root.getAuthClient().authDisable());
      }
    }
    get(auth.userDelete(utf8("alice")));
    get(auth.userDelete(utf8("root")));
    get(auth.roleDelete(utf8("reader")));
  }

  private static Client as(String name, String password) {
    return Client.builder()
        .endpoints(endpoints())
        .user(utf8(name))
        .password(utf8(password))
        .build();
  }

  @Test
  void upkeep() throws Exception {
    var maintenance = jetcd.getMaintenanceClient();
    get(jetcd.getKVClient().put(utf8("z/upkeep"), utf8("1")));
    List<Member> members = get(jetcd.getClusterClient().listMember()).getMembers();
    assertThat(members)
        .extracting(member -> member.getClientURIs().get(0).toString())
        .containsExactlyInAnyOrder(endpoints());
    long revision = get(jetcd.getKVClient().get(utf8("z"))).getHeader().getRevision();
    List<Integer> hashes = new ArrayList<>();
    for (String endpoint : endpoints()) {
      assertThat(get(maintenance.statusMember(endpoint)).getVersion()).startsWith("3.5.");
      hashes.add(get(maintenance.hashKV(endpoint, revision)).getHash());
      get(maintenance.defragmentMember(endpoint));
    }
    assertThat(hashes.stream().distinct()).as("hashes %s", hashes).hasSize(1);
    assertThat(get(maintenance.listAlarms()).getAlarms()).isEmpty();
    ByteArrayOutputStream snapshot = new ByteArrayOutputStream();
    get(maintenance.snapshot(snapshot));
    byte[] bytes = snapshot.toByteArray();
    byte[] body = Arrays.copyOf(bytes, bytes.length - 32);
    assertThat(MessageDigest.getInstance("SHA-256").digest(body))
        .isEqualTo(Arrays.copyOfRange(bytes, bytes.length - 32, bytes.length));
  }
}
