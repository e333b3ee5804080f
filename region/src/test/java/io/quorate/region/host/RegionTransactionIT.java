package io.quorate.region.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.model.Wire;
import io.quorate.proto.CheckTxnRequest;
import io.quorate.proto.CommitRequest;
import io.quorate.proto.ForgetTxnRequest;
import io.quorate.proto.GetRequest;
import io.quorate.proto.LockInfo;
import io.quorate.proto.PrewriteRequest;
import io.quorate.proto.PutRequest;
import io.quorate.proto.RangeRequest;
import io.quorate.proto.RefusalCode;
import io.quorate.proto.Request;
import io.quorate.proto.Resolution;
import io.quorate.proto.ResolveLocksRequest;
import io.quorate.proto.Response;
import io.quorate.proto.RollbackRequest;
import io.quorate.proto.ScanLocksRequest;
import io.quorate.proto.TxnHeartbeatRequest;
import io.quorate.proto.TxnMutation;
import io.quorate.proto.TxnPut;
import io.quorate.proto.TxnStateResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One transaction over two regions on three stores, message by message, as a coordinator and those who meet it send them. */
class RegionTransactionIT {
  private static final RegionId LOW = new RegionId(10);
  private static final RegionId HIGH = new RegionId(11);
  private static final Bytes MIDDLE = Bytes.utf8("m");
  private static final ByteString A = ByteString.copyFromUtf8("a");
  private static final ByteString X = ByteString.copyFromUtf8("x");
  private static final ByteString TXN =
      ByteString.copyFrom(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
  private static final int LONG = 30_000;
  private static final int SHORT = 200;

  @TempDir
  Path directory;

  private RegionCluster cluster;
  private long start;

  @BeforeEach
  void open() {
    cluster = new RegionCluster(directory);
    cluster.create(region(LOW, KeyRange.of(Bytes.EMPTY, MIDDLE)), 1);
    cluster.create(region(HIGH, KeyRange.of(MIDDLE, Bytes.EMPTY)), 2);
    assertThat(put(LOW, A, "old").hasPut()).isTrue();
    start = put(HIGH, X, "old").getRevision();
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  private static RegionDescriptor region(RegionId id, KeyRange range) {
    return new RegionDescriptor(
        id,
        range,
        RegionEpoch.FIRST,
        List.of(
            Peer.voter(1, id.value() * 10 + 1),
            Peer.voter(2, id.value() * 10 + 2),
            Peer.voter(3, id.value() * 10 + 3)));
  }

  private Response put(RegionId region, ByteString key, String value) {
    return cluster.send(
        region,
        Request.newBuilder()
            .setPut(PutRequest.newBuilder().setKey(key).setValue(ByteString.copyFromUtf8(value))));
  }

  private Response get(RegionId region, ByteString key, ByteString... past) {
    return cluster.send(
        region,
        Request.newBuilder()
            .addAllPastTxns(List.of(past))
            .setGet(GetRequest.newBuilder().setKey(key)));
  }

  private Response range(RegionId region, ByteString key, long revision, ByteString... past) {
    return cluster.send(
        region,
        Request.newBuilder()
            .addAllPastTxns(List.of(past))
            .setRange(RangeRequest.newBuilder().setRange(single(key)).setRevision(revision)));
  }

  private static io.quorate.proto.KeyRange single(ByteString key) {
    return Wire.range(KeyRange.single(Bytes.of(key)));
  }

  private Response prewrite(RegionId region, ByteString key, int sub, int ttl) {
    return cluster.send(
        region,
        Request.newBuilder()
            .setPrewrite(PrewriteRequest.newBuilder()
                .setTxnId(TXN)
                .setStartRevision(start)
                .setPrimary(A)
                .setTtlMs(ttl)
                .addMutations(TxnMutation.newBuilder()
                    .setKey(key)
                    .setSub(sub)
                    .setPut(TxnPut.newBuilder().setValue(ByteString.copyFromUtf8("new"))))
                .addSpans(single(A))
                .addSpans(single(X))));
  }

  private Response commit(long revision) {
    return cluster.send(
        LOW,
        Request.newBuilder()
            .setCommit(CommitRequest.newBuilder()
                .setTxnId(TXN)
                .setPrimary(A)
                .setCommitRevision(revision)));
  }

  private TxnStateResponse check(long pushAbove, boolean rollBackAbsent) {
    return cluster
        .send(
            LOW,
            Request.newBuilder()
                .setCheckTxn(CheckTxnRequest.newBuilder()
                    .setTxnId(TXN)
                    .setStartRevision(start)
                    .setPrimary(A)
                    .setPushAbove(pushAbove)
                    .setRollBackAbsent(rollBackAbsent)))
        .getTxnState();
  }

  private Response resolve(RegionId region, Resolution.Builder fate, ByteString key) {
    return cluster.send(
        region,
        Request.newBuilder()
            .setResolveLocks(ResolveLocksRequest.newBuilder()
                .addResolutions(fate.setTxnId(TXN).addRanges(single(key)))));
  }

  private long next() {
    return cluster.oracle.next(1).orTimeout(60, TimeUnit.SECONDS).join().first();
  }

  private static RefusalCode code(Response response) {
    assertThat(response.hasRefusal()).as(response.toString()).isTrue();
    return response.getRefusal().getCode();
  }

  @Test
  void whatIsLockedIsShownWholeOrNotAtAll() {
    assertThat(prewrite(LOW, A, 0, LONG).hasPrewrite()).isTrue();
    assertThat(prewrite(HIGH, X, 1, LONG).hasPrewrite()).isTrue();
    assertThat(prewrite(HIGH, X, 1, LONG).hasPrewrite()).as("again").isTrue();

    assertThat(range(HIGH, X, 0).hasRange())
        .as("no number was handed out since")
        .isTrue();
    assertThat(next()).isGreaterThan(start);
    Response read = range(HIGH, X, 0);
    assertThat(code(read)).isEqualTo(RefusalCode.LOCKED);
    assertThat(read.getRevision()).as("at which it was to read").isGreaterThanOrEqualTo(start);
    LockInfo lock = read.getRefusal().getLocks(0);
    assertThat(lock.getPrimary()).isEqualTo(A);
    assertThat(lock.getTxnId()).isEqualTo(TXN);
    assertThat(code(get(HIGH, X))).isEqualTo(RefusalCode.LOCKED);
    assertThat(code(put(HIGH, X, "late"))).isEqualTo(RefusalCode.LOCKED);
    assertThat(range(HIGH, X, start).getRange().getKvs(0).getModRevision()).isEqualTo(start);

    TxnStateResponse live = check(0, true);
    assertThat(live.hasLive()).isTrue();
    assertThat(live.getLive().getTtlLeftMs()).isPositive();
    assertThat(live.getSpansCount()).isEqualTo(2);
    long at = read.getRevision();
    assertThat(check(at, false).getLive().getMinCommit()).isEqualTo(at + 1);
    assertThat(range(HIGH, X, at, TXN).getRange().getKvs(0).getModRevision()).isEqualTo(start);
    assertThat(get(HIGH, X, TXN).getGet().getKv().getModRevision()).isEqualTo(start);
    assertThat(code(commit(at))).isEqualTo(RefusalCode.COMMIT_TOO_LOW);

    long revision = next();
    assertThat(commit(revision).getCommit().getCommitRevision()).isEqualTo(revision);
    assertThat(commit(next()).getCommit().getCommitRevision()).as("once").isEqualTo(revision);
    assertThat(get(LOW, A).getGet().getKv().getModRevision()).isEqualTo(revision);
    assertThat(code(get(HIGH, X))).isEqualTo(RefusalCode.LOCKED);
    assertThat(check(0, true).getCommitted()).isEqualTo(revision);
    assertThat(resolve(HIGH, Resolution.newBuilder().setCommitted(revision), X)
            .getResolveLocks()
            .getReleased())
        .isEqualTo(1);
    assertThat(get(HIGH, X).getGet().getKv().getModRevision()).isEqualTo(revision);
    assertThat(put(HIGH, X, "after").getRevision()).isGreaterThan(revision);
    assertThat(code(prewrite(HIGH, X, 1, LONG))).isEqualTo(RefusalCode.WRITE_CONFLICT);

    Response forgotten = cluster.send(
        LOW,
        Request.newBuilder()
            .setForgetTxn(ForgetTxnRequest.newBuilder()
                .addTxns(ForgetTxnRequest.Decided.newBuilder().setTxnId(TXN).setPrimary(A))));
    assertThat(forgotten.hasForgetTxn()).isTrue();
    assertThat(check(0, false).hasAbsent()).isTrue();
    assertThat(code(commit(next()))).isEqualTo(RefusalCode.TXN_UNKNOWN);
  }

  @Test
  void whoIsSilentTooLongIsRolledBackAndWhoSpeaksLives() {
    assertThat(prewrite(LOW, A, 0, SHORT).hasPrewrite()).isTrue();
    assertThat(prewrite(HIGH, X, 1, SHORT).hasPrewrite()).isTrue();
    Response beat = cluster.send(
        LOW,
        Request.newBuilder()
            .setTxnHeartbeat(
                TxnHeartbeatRequest.newBuilder().setTxnId(TXN).setPrimary(A).setTtlMs(1500)));
    assertThat(beat.getTxnState().getLive().getTtlLeftMs()).isGreaterThan(SHORT);
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> ageOfX() >= SHORT);
    assertThat(check(0, true).hasLive()).as("it has spoken").isTrue();
    assertThat(cluster.leader(HIGH).txns().overdue(10)).hasSize(1);

    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> check(0, true), TxnStateResponse::hasRolledBack);
    assertThat(code(commit(next()))).isEqualTo(RefusalCode.ROLLED_BACK);
    assertThat(code(prewrite(LOW, A, 0, LONG))).isEqualTo(RefusalCode.ROLLED_BACK);
    assertThat(resolve(HIGH, Resolution.newBuilder().setRolledBack(true), X)
            .getResolveLocks()
            .getReleased())
        .isEqualTo(1);
    assertThat(get(HIGH, X).getGet().getKv().getModRevision()).isEqualTo(start);
  }

  private long ageOfX() {
    Response scanned = cluster.send(
        HIGH, Request.newBuilder().setScanLocks(ScanLocksRequest.newBuilder().setRange(single(X))));
    assertThat(scanned.getScanLocks().getLocksCount()).isEqualTo(1);
    return scanned.getScanLocks().getLocks(0).getAgeMs();
  }

  private int lockedOnXAfter(int patienceMillis) {
    return cluster
        .send(
            HIGH,
            Request.newBuilder()
                .setScanLocks(ScanLocksRequest.newBuilder()
                    .setRange(single(X))
                    .setPatienceMs(patienceMillis)
                    .setSince(start)))
        .getScanLocks()
        .getLocksCount();
  }

  @Test
  void whoWaitsForALockIsToldWhenItIsGoneOrAfterAWhile() {
    assertThat(lockedOnXAfter(1000)).isZero();
    assertThat(prewrite(HIGH, X, 1, LONG).hasPrewrite()).isTrue();
    long began = System.nanoTime();
    assertThat(lockedOnXAfter(300)).as("after a while").isEqualTo(1);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(200));
    CompletableFuture<Integer> waits = CompletableFuture.supplyAsync(() -> {
      int locks = 1;
      for (int i = 0; i < 60 && locks > 0; i++) {
        locks = lockedOnXAfter(1000);
      }
      return locks;
    });
    Response gone = resolve(HIGH, Resolution.newBuilder().setRolledBack(true), X);
    assertThat(gone.getResolveLocks().getReleased()).isEqualTo(1);
    assertThat(waits.join()).isZero();
  }

  @Test
  void aRollBackThatComesFirstWinsAndOneThatNeverCameIsMarked() {
    assertThat(prewrite(HIGH, X, 1, LONG).hasPrewrite()).isTrue();
    assertThat(check(0, false).hasAbsent()).as("it may be on its way").isTrue();
    assertThat(check(0, true).hasRolledBack()).isTrue();
    assertThat(code(prewrite(LOW, A, 0, LONG))).isEqualTo(RefusalCode.ROLLED_BACK);

    Response rolledBack = cluster.send(
        HIGH,
        Request.newBuilder()
            .setRollback(RollbackRequest.newBuilder()
                .setTxnId(TXN)
                .setStartRevision(start)
                .setKey(X)
                .addRanges(single(X))));
    assertThat(rolledBack.hasRollback()).isTrue();
    assertThat(get(HIGH, X).hasGet()).isTrue();
    assertThat(code(prewrite(HIGH, X, 1, LONG))).isEqualTo(RefusalCode.ROLLED_BACK);
  }

  @Test
  void anotherLeaderKnowsTheLocksAndLetsThemLiveAnew() {
    assertThat(prewrite(LOW, A, 0, LONG).hasPrewrite()).isTrue();
    long old = cluster.leaderStore(LOW);
    cluster.stop(old);
    assertThat(code(put(LOW, A, "late"))).isEqualTo(RefusalCode.LOCKED);
    assertThat(check(0, true).hasLive()).isTrue();
    long revision = next();
    assertThat(commit(revision).getCommit().getCommitRevision()).isEqualTo(revision);
    cluster.start(old);
    assertThat(get(LOW, A).getGet().getKv().getModRevision()).isEqualTo(revision);
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    assertThat(code(cluster.send(
            LOW, Request.newBuilder().setPrewrite(PrewriteRequest.newBuilder().setTxnId(A)))))
        .isEqualTo(RefusalCode.INVALID_ARGUMENT);
    assertThat(code(prewrite(LOW, A, 0, 0))).isEqualTo(RefusalCode.INVALID_ARGUMENT);
    assertThat(code(cluster.send(
            LOW,
            Request.newBuilder()
                .setCommit(CommitRequest.newBuilder()
                    .setTxnId(TXN)
                    .setPrimary(A)
                    .setCommitRevision(Long.MAX_VALUE - 1)))))
        .isEqualTo(RefusalCode.FUTURE_REVISION);
    assertThat(put(LOW, A, "goes on").hasPut()).isTrue();
  }
}
