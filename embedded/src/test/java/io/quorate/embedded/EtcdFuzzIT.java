package io.quorate.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.proto.etcd.AuthGrpc;
import io.quorate.proto.etcd.ClusterGrpc;
import io.quorate.proto.etcd.KVGrpc;
import io.quorate.proto.etcd.LeaseGrpc;
import io.quorate.proto.etcd.MaintenanceGrpc;
import io.quorate.proto.etcd.PutRequest;
import io.quorate.proto.etcd.RangeRequest;
import io.quorate.proto.etcd.RequestOp;
import io.quorate.proto.etcd.TxnRequest;
import io.quorate.proto.etcd.WatchGrpc;
import io.quorate.proto.etcd.election.ElectionGrpc;
import io.quorate.proto.etcd.lock.LockGrpc;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whole and damaged requests of every method of etcd's API, by gRPC, JSON and raw bytes: each is answered or cut off, none hangs or
 * brings an error that is not etcd's, and afterwards the store serves, no stream is open and nothing is watched, and it holds no
 * more connections, threads and heap than before. A few hundred by default; {@code -Dfuzz.minutes=N -Dfuzz.seed=S
 * -Dfuzz.threads=T} goes on for so long, T requests at once, and adds a line to {@code target/fuzz-results.txt}.
 */
class EtcdFuzzIT {
  private static final Logger LOG = LoggerFactory.getLogger(EtcdFuzzIT.class);
  private static final int INPUTS = 300;
  private static final int PER_ROUND = 100;
  private static final int PATIENCE_SECONDS = 60;
  /** Who waits for a turn or listens waits for good; such calls are given up. */
  private static final Set<String> ENDLESS = Set.of("Lock", "Campaign", "Observe", "Watch");

  private static final long ENDLESS_MILLIS = 20;
  /** Open files and threads that come and go with the cluster's own work. */
  private static final int SLACK = 40;
  /** What is kept of requests that were granted, leases above all, and what the collector leaves. */
  private static final int HEAP_SLACK_MIB = 64;

  private static final long TELL_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

  private static final RawMessages RAW = new RawMessages();

  private final Map<String, Integer> outcomes = new ConcurrentSkipListMap<>();
  private final List<String> wrong = new CopyOnWriteArrayList<>();
  private final MeterRegistry meters = new SimpleMeterRegistry();

  private static List<MethodDescriptor<?, ?>> methods() {
    return Stream.of(
            KVGrpc.getServiceDescriptor(),
            WatchGrpc.getServiceDescriptor(),
            LeaseGrpc.getServiceDescriptor(),
            ClusterGrpc.getServiceDescriptor(),
            MaintenanceGrpc.getServiceDescriptor(),
            AuthGrpc.getServiceDescriptor(),
            LockGrpc.getServiceDescriptor(),
            ElectionGrpc.getServiceDescriptor())
        .map(ServiceDescriptor::getMethods)
        .<MethodDescriptor<?, ?>>flatMap(each -> each.stream())
        .toList();
  }

  @Test
  void whateverComesTheStoreGoesOn() throws Exception {
    long seed = Long.getLong("fuzz.seed", 1);
    long minutes = Long.getLong("fuzz.minutes", 0);
    int threads = Integer.getInteger("fuzz.threads", 1);
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(minutes);
    try (EmbeddedCluster cluster = EmbeddedCluster.builder()
        .stores(1)
        .splitKeys("c", "e")
        .storeMeters(() -> meters)
        .start()) {
      ManagedChannel healthy = channel(cluster);
      serves(healthy);
      FuzzInputs first = new FuzzInputs(seed);
      round(cluster, first);
      Held before = Held.now();
      ExecutorService drivers = Executors.newFixedThreadPool(threads);
      List<Future<Integer>> driven = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        FuzzInputs draw = i == 0 ? first : new FuzzInputs(seed + i);
        driven.add(drivers.submit(() -> rounds(cluster, healthy, draw, end)));
      }
      int inputs = PER_ROUND;
      for (Future<Integer> one : driven) {
        inputs += one.get();
      }
      drivers.shutdown();
      Awaitility.await().atMost(PATIENCE_SECONDS, TimeUnit.SECONDS).untilAsserted(() -> {
        assertThat(gauge("quorate.gateway.streams")).as("streams open").isZero();
        assertThat(gauge("quorate.watch.watchers")).as("watches open").isZero();
        Held.now().requireNotAbove(before);
      });
      healthy.shutdownNow();
      report(seed, inputs, before, minutes > 0);
    }
    assertThat(wrong).isEmpty();
  }

  /** Goes on to the end, and returns how many inputs that were. */
  private int rounds(EmbeddedCluster cluster, ManagedChannel healthy, FuzzInputs draw, long end)
      throws Exception {
    int inputs = 0;
    long told = System.nanoTime();
    while (inputs < INPUTS - PER_ROUND || System.nanoTime() < end) {
      round(cluster, draw);
      serves(healthy);
      inputs += PER_ROUND;
      if (System.nanoTime() - told > TELL_EVERY_NANOS) {
        told = System.nanoTime();
        LOG.info(
            "{} inputs of one thread, {} wrong, {} streams and {} watches open, {}, process CPU {} s",
            inputs,
            wrong.size(),
            gauge("quorate.gateway.streams"),
            gauge("quorate.watch.watchers"),
            Held.now(),
            cpuSeconds());
      }
    }
    return inputs;
  }

  private double gauge(String name) {
    return meters.get(name).gauge().value();
  }

  private static ManagedChannel channel(EmbeddedCluster cluster) {
    return NettyChannelBuilder.forTarget(cluster.storeAddress(1)).usePlaintext().build();
  }

  /** What a process holds that a leak would make more of; of the heap, what a collection leaves. */
  private record Held(long files, int threads, long heapMib) {
    static Held now() {
      System.gc();
      return new Held(
          openFiles(),
          ManagementFactory.getThreadMXBean().getThreadCount(),
          ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() >> 20);
    }

    void requireNotAbove(Held before) {
      assertThat(files).as("open files").isLessThanOrEqualTo(before.files + SLACK);
      assertThat(threads).as("threads").isLessThanOrEqualTo(before.threads + SLACK);
      assertThat(heapMib).as("heap").isLessThanOrEqualTo(before.heapMib + HEAP_SLACK_MIB);
    }

    private static long openFiles() {
      return ManagementFactory.getOperatingSystemMXBean()
              instanceof com.sun.management.UnixOperatingSystemMXBean unix
          ? unix.getOpenFileDescriptorCount()
          : 0;
    }
  }

  private static void serves(ManagedChannel healthy) {
    ByteString key = ByteString.copyFromUtf8("canary");
    var answer = KVGrpc.newBlockingStub(healthy)
        .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .txn(TxnRequest.newBuilder()
            .addSuccess(
                RequestOp.newBuilder().setRequestPut(PutRequest.newBuilder().setKey(key)))
            .addSuccess(
                RequestOp.newBuilder().setRequestRange(RangeRequest.newBuilder().setKey(key)))
            .build());
    assertThat(answer.getResponses(1).getResponseRange().getCount()).isEqualTo(1);
  }

  private void round(EmbeddedCluster cluster, FuzzInputs draw) throws Exception {
    ManagedChannel channel = channel(cluster);
    for (int i = 0; i < PER_ROUND; i++) {
      MethodDescriptor<?, ?> method = draw.any(methods());
      Message prototype = Objects.requireNonNull(
          ((PrototypeMarshaller<?>) method.getRequestMarshaller()).getMessagePrototype()
                  instanceof Message known
              ? known
              : null);
      Message message = draw.message(prototype);
      if (draw.oneIn(2)) {
        byte[] bytes = message.toByteArray();
        call(channel, method, prototype, draw.oneIn(2) ? draw.damaged(bytes) : bytes);
      } else if (draw.oneIn(2)) {
        raw(cluster, "json", draw.json(path(method), message));
      } else if (draw.oneIn(4)) {
        raw(cluster, "garbage", draw.garbage());
      } else {
        raw(cluster, "http2", draw.http2(method.getFullMethodName(), message.toByteArray()));
      }
    }
    channel.shutdownNow();
    assertThat(channel.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  private static String path(MethodDescriptor<?, ?> method) {
    String service = String.valueOf(method.getServiceName());
    String group = service.substring(service.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    String name = String.valueOf(method.getBareMethodName())
        .toLowerCase(Locale.ROOT)
        .replaceFirst("^" + group + "(?!enticate)", "")
        .replaceFirst("^(user|role|member)", "$1/")
        .replaceFirst("(grant|revoke)(role|permission)$", "$1")
        .replaceFirst("password$", "pw")
        .replaceFirst("^compact$", "compaction")
        .replaceFirst("^moveleader$", "transfer-leadership");
    return "/v3/" + group + (name.isEmpty() ? "" : "/" + name);
  }

  // ------------------------------------------------------------------ one input

  private void call(
      ManagedChannel channel, MethodDescriptor<?, ?> method, Message prototype, byte[] request)
      throws InterruptedException {
    MethodDescriptor<byte[], byte[]> plain = MethodDescriptor.<byte[], byte[]>newBuilder()
        .setType(method.getType())
        .setFullMethodName(method.getFullMethodName())
        .setRequestMarshaller(RAW)
        .setResponseMarshaller(RAW)
        .build();
    CompletableFuture<Status> closed = new CompletableFuture<>();
    ClientCall<byte[], byte[]> call = channel.newCall(plain, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(byte[] answer) {
            call.request(1);
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            closed.complete(status);
          }
        },
        new Metadata());
    call.request(1);
    call.sendMessage(request);
    call.halfClose();
    String name = String.valueOf(method.getBareMethodName());
    boolean endless = ENDLESS.contains(name);
    try {
      Status status = endless
          ? closed.get(ENDLESS_MILLIS, TimeUnit.MILLISECONDS)
          : closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      count("grpc " + status.getCode());
      boolean ours = status.getCode() == Status.Code.INTERNAL
          && String.valueOf(status.getDescription()).startsWith("quorate: ");
      // gRPC's own answer to what is no message at all; etcd's own words of locks and elections
      // have that code, too.
      boolean unhandled = status.getCode() == Status.Code.UNKNOWN
          && !String.valueOf(status.getDescription()).contains("leader")
          && !"mutex: session is expired".equals(status.getDescription())
          && isMessage(prototype, request);
      if (ours || unhandled) {
        tell(method.getFullMethodName() + " " + status + " for " + hex(request));
      }
    } catch (TimeoutException e) {
      count(endless ? "grpc given up" : "grpc STUCK");
      if (!endless) {
        tell(method.getFullMethodName() + " hangs for " + hex(request));
      }
      call.cancel("enough", null);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isMessage(Message prototype, byte[] bytes) {
    try {
      var unused = prototype.getParserForType().parseFrom(bytes);
      return true;
    } catch (InvalidProtocolBufferException none) {
      return false;
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  /** Sends it, says that nothing more comes, and reads to the end, which has to come. */
  private void raw(EmbeddedCluster cluster, String kind, byte[] bytes) throws IOException {
    String address = cluster.storeAddress(1);
    int colon = address.lastIndexOf(':');
    try (Socket socket =
        new Socket(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)))) {
      socket.setSoTimeout(PATIENCE_SECONDS * 1_000);
      Optional<byte[]> answer = Optional.empty();
      try {
        socket.getOutputStream().write(bytes);
        socket.shutdownOutput();
        answer = Optional.of(socket.getInputStream().readAllBytes());
      } catch (SocketTimeoutException stuck) {
        count(kind + " STUCK");
        tell(kind + " hangs for " + hex(bytes));
        return;
      } catch (SocketException cutOff) {
        // An answer too.
      }
      count(kind + " " + answer.map(EtcdFuzzIT::summary).orElse("cut off"));
    }
  }

  /** The status line of HTTP/1.1 without its reason. */
  private static String summary(byte[] answer) {
    String text = new String(answer, StandardCharsets.ISO_8859_1);
    return text.startsWith("HTTP/1.1 ") && text.length() >= 12
        ? text.substring(9, 12)
        : text.isEmpty() ? "closed" : "frames";
  }

  private void tell(String what) {
    LOG.warn("wrong: {}", what);
    wrong.add(what);
  }

  private void count(String outcome) {
    outcomes.merge(outcome, 1, Integer::sum);
  }

  private void report(long seed, int inputs, Held before, boolean keep) throws IOException {
    String line = String.format(
        "%s seed %d: %d inputs, %d wrong, held before %s, after %s, process CPU %d s, %s%n",
        Instant.now(), seed, inputs, wrong.size(), before, Held.now(), cpuSeconds(), outcomes);
    LOG.info("{}", line);
    if (keep) {
      Files.writeString(
          Path.of("target", "fuzz-results.txt"),
          line,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
  }

  private static long cpuSeconds() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean process
        ? TimeUnit.NANOSECONDS.toSeconds(process.getProcessCpuTime())
        : -1;
  }
}
