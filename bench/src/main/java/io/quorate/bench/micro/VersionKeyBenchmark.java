package io.quorate.bench.micro;

import io.quorate.model.Bytes;
import io.quorate.model.Keyspace;
import io.quorate.region.mvcc.VersionKey;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The code of stored keys: once per version written, twice per read that misses the cache. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class VersionKeyBenchmark {
  private final Bytes key = Bytes.utf8("user6284781860667377211");
  private final byte[] encoded = VersionKey.encode(Keyspace.USER, key, 1_234_567, 0, false);

  @Benchmark
  public byte[] encode() {
    return VersionKey.encode(Keyspace.USER, key, 1_234_567, 0, false);
  }

  @Benchmark
  public Bytes decode() {
    return VersionKey.key(encoded);
  }
}
