package io.quorate.bench.micro;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.region.command.Applied;
import io.quorate.region.command.Put;
import io.quorate.region.command.RegionView;
import io.quorate.region.command.Stamp;
import io.quorate.region.mvcc.KeyWalk;
import io.quorate.region.mvcc.Version;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The rule of a put, on every replica once per put: all of apply but the storage. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PutApplyBenchmark {
  /** Knows one version of every key. */
  private static final class OneVersion implements RegionView {
    private final RegionDescriptor descriptor = new RegionDescriptor(
        new RegionId(1), KeyRange.ALL, RegionEpoch.FIRST, List.of(Peer.voter(1, 1)));
    private final Version version = new Version(5, 0, 5, 1, 0, Bytes.utf8("before"));

    @Override
    public RegionDescriptor descriptor() {
      return descriptor;
    }

    @Override
    public long floor() {
      return 0;
    }

    @Override
    public long lastStamp() {
      return 5;
    }

    @Override
    public Version newest(Bytes key) {
      return version;
    }

    @Override
    public Version at(Bytes key, long revision) {
      return version;
    }

    @Override
    public KeyWalk walk(KeyRange range, long revision, boolean values) {
      throw new IllegalStateException("a put walks nothing");
    }
  }

  private final RegionView view = new OneVersion();
  private final Put put = Put.of(Bytes.utf8("user6284781860667377211"), Bytes.wrap(new byte[256]));
  private final Stamp stamp = new Stamp(2, 6);

  @Benchmark
  public Applied apply() {
    return put.apply(view, stamp);
  }
}
