package io.quorate.bench.micro;

import io.quorate.client.route.Route;
import io.quorate.client.route.RoutingTable;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The client's look for a key's region: once per request. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RoutingBenchmark {
  @Param({"8", "1000", "100000"})
  public int regions;

  private RoutingTable table = RoutingTable.EMPTY;
  private Bytes key = Bytes.EMPTY;

  @Setup
  public void fill() {
    List<Route> routes = new ArrayList<>();
    for (int i = 0; i < regions; i++) {
      KeyRange range =
          KeyRange.of(i == 0 ? Bytes.EMPTY : cut(i), i == regions - 1 ? Bytes.EMPTY : cut(i + 1));
      Peer peer = Peer.voter(1, i + 1);
      routes.add(Route.of(
          new RegionDescriptor(new RegionId(i + 1), range, RegionEpoch.FIRST, List.of(peer)),
          peer,
          1));
    }
    table = RoutingTable.EMPTY.with(routes);
    key = cut(regions / 3).concat(Bytes.utf8("x"));
  }

  private static Bytes cut(int number) {
    return Bytes.utf8(String.format(Locale.ROOT, "user%08d", number));
  }

  @Benchmark
  public Route find() {
    Route route = table.find(key);
    if (route == null) {
      throw new IllegalStateException("the table has a hole");
    }
    return route;
  }
}
