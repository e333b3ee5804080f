package io.quorate.raft.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.proto.SnapshotFetch;
import io.quorate.proto.SnapshotPiece;
import io.quorate.raft.GroupId;
import io.quorate.raft.Membership;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.storage.PeerIds;
import io.quorate.raft.storage.SnapshotRecord;
import io.quorate.raft.transport.SnapshotOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.WriteBatch;

/** The sending side alone: what is on offer, and what becomes of it. */
class RangeExchangeTest {
  private static final GroupId GROUP = new GroupId(7);
  private static final PeerIds PEERS = new PeerIds(1);
  private static final SnapshotRecord NOTE = new SnapshotRecord(
      5, 2, Membership.ofVoters(List.of(new ReplicaId(1, 11))), Optional.empty());

  @TempDir
  Path directory;

  /** A machine whose first snapshots cannot be written. */
  private static final class Machine implements RangeSnapshots {
    private int failures;
    private int pinned;
    private int closed;
    private boolean suffices = true;
    private Runnable onClose = () -> {};

    @Override
    public Pinned pin() {
      pinned++;
      return new Pinned() {
        @Override
        public long index() {
          return 5;
        }

        @Override
        public long term() {
          return 2;
        }

        @Override
        public byte[] description() {
          return new byte[] {1};
        }

        @Override
        public void write(Path files) throws IOException {
          Files.write(files.resolve("data-0001.sst"), new byte[] {1, 2, 3});
          if (failures-- > 0) {
            throw new IOException("disk full");
          }
        }

        @Override
        public void close() {
          closed++;
          onClose.run();
        }
      };
    }

    @Override
    public boolean suffices(byte[] description) {
      return suffices;
    }

    @Override
    public Optional<String> refusal(byte[] description) {
      return Optional.empty();
    }

    @Override
    public void abandon() {}

    @Override
    public void install(
        Path files, long index, long term, byte[] description, Consumer<WriteBatch> raftState) {}
  }

  private static class Output implements SnapshotOutput {
    private final List<SnapshotPiece> pieces = new ArrayList<>();
    private String end = "";

    @Override
    public void send(SnapshotPiece piece) {
      pieces.add(piece);
    }

    @Override
    public void end() {
      end = "whole";
    }

    @Override
    public void refuse(String why) {
      end = why;
    }
  }

  @Test
  void oneThatCouldNotBeWrittenIsFollowedByAnother() {
    Machine machine = new Machine();
    machine.failures = 1;
    RangeExchange exchange =
        new RangeExchange(1, SnapshotConfig.defaults(), directory, Runnable::run, () -> {
          throw new IllegalStateException("nothing is fetched here");
        });
    String first = offer(exchange, machine);
    assertThat(fetch(exchange, first).end).contains("disk full");

    String second = offer(exchange, machine);
    assertThat(second).isNotEqualTo(first);
    Output sent = fetch(exchange, second);
    assertThat(sent.end).isEqualTo("whole");
    assertThat(sent.pieces).hasSize(3);
    assertThat(offer(exchange, machine)).isEqualTo(second);

    exchange.withdraw(GROUP);
    assertThat(machine.pinned).isEqualTo(2);
    assertThat(machine.closed).isEqualTo(2);
  }

  @Test
  void oneThatIsOfNoUseToANewMemberIsFollowedByAnother() {
    Machine machine = new Machine();
    RangeExchange exchange =
        new RangeExchange(1, SnapshotConfig.defaults(), directory, Runnable::run, () -> {
          throw new IllegalStateException("nothing is fetched here");
        });
    String first = offer(exchange, machine);
    assertThat(fetch(exchange, first).end).isEqualTo("whole");
    machine.suffices = false;

    String second = offer(exchange, machine);
    assertThat(second).isNotEqualTo(first);
    assertThat(machine.closed).isEqualTo(1);
    assertThat(fetch(exchange, first).end).contains("not on offer, ask again");
  }

  @Test
  void oneThatIsStillFetchedKeepsItsPlaceAndANewMemberAsksAgain() {
    Machine machine = new Machine();
    List<String> meanwhile = new ArrayList<>();
    RangeExchange exchange =
        new RangeExchange(1, SnapshotConfig.defaults(), directory, Runnable::run, () -> {
          throw new IllegalStateException("nothing is fetched here");
        });
    String first = offer(exchange, machine);
    Output out = new Output() {
      @Override
      public void send(SnapshotPiece piece) {
        super.send(piece);
        machine.suffices = false;
        meanwhile.add(offer(exchange, machine));
      }
    };
    fetch(exchange, first, out);
    assertThat(out.end).isEqualTo("whole");
    assertThat(meanwhile).isNotEmpty().allSatisfy(uri -> {
      assertThat(uri).isNotEqualTo(first);
      assertThat(fetch(exchange, uri).end).contains("not on offer, ask again");
    });
    assertThat(machine.pinned).isEqualTo(1);
    offer(exchange, machine);
    assertThat(machine.pinned).isEqualTo(2);
  }

  @Test
  void otherGroupsGoOnWhileFilesAreDeleted() {
    Machine machine = new Machine();
    SnapshotConfig defaults = SnapshotConfig.defaults();
    RangeExchange exchange = new RangeExchange(
        1,
        new SnapshotConfig(
            4,
            4,
            defaults.bytesPerSecond(),
            defaults.pieceBytes(),
            Duration.ZERO,
            defaults.installTimeout()),
        directory,
        Runnable::run,
        () -> {
          throw new IllegalStateException("nothing is fetched here");
        });
    offer(exchange, machine);
    List<Boolean> free = new ArrayList<>();
    machine.onClose = () -> free.add(isFree(exchange));
    exchange.expire();
    assertThat(free).as("the lock is free while a snapshot is deleted").containsExactly(true);
  }

  /** Whether another group's replicator could go on now. */
  private static boolean isFree(RangeExchange exchange) {
    try {
      return CompletableFuture.supplyAsync(() -> exchange.held(new GroupId(8)).isEmpty())
          .get(60, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  private static String offer(RangeExchange exchange, Machine machine) {
    return exchange.offer(GROUP, machine, PEERS, NOTE, pinned -> NOTE, 1).generateURIForCopy();
  }

  private static Output fetch(RangeExchange exchange, String uri) {
    Output out = new Output();
    fetch(exchange, uri, out);
    return out;
  }

  private static void fetch(RangeExchange exchange, String uri, Output out) {
    long number = Long.parseLong(uri.substring(uri.lastIndexOf('/') + 1));
    exchange.serve(
        SnapshotFetch.newBuilder().setGroupId(GROUP.value()).setNumber(number).build(), out);
  }
}
