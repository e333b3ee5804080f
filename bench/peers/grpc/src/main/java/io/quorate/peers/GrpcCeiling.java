package io.quorate.peers;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * A message there and back by gRPC between two JVMs on loopback, one at a time: unary calls and messages on one stream, with
 * no executor between gRPC's event loops and the code on either side.
 */
@Command(
    name = "grpc-ceiling",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Measures a gRPC round trip between two JVMs on loopback.")
public final class GrpcCeiling implements Callable<Integer> {
  private static final long WARMUP_NANOS = 4_000_000_000L;
  private static final MethodDescriptor<byte[], byte[]> UNARY = method("unary", MethodType.UNARY);
  private static final MethodDescriptor<byte[], byte[]> STREAM =
      method("stream", MethodType.BIDI_STREAMING);

  @Option(
      names = "--seconds",
      defaultValue = "5",
      description = "for each of the two, after 4 s unmeasured (${DEFAULT-VALUE})")
  int seconds;

  @Option(
      names = "--message-bytes",
      defaultValue = "256",
      description = "size of a message (${DEFAULT-VALUE})")
  int messageBytes;

  @Option(names = "--serve", hidden = true, description = "be the other JVM")
  boolean serve;

  /** Runs the program. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new GrpcCeiling()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    if (serve) {
      serve();
      return 0;
    }
    Process other = startOther();
    try (BufferedReader said = new BufferedReader(
        new InputStreamReader(other.getInputStream(), StandardCharsets.UTF_8))) {
      ManagedChannel channel = NettyChannelBuilder.forAddress(
              "127.0.0.1",
              Integer.parseInt(said.readLine()),
              InsecureChannelCredentials.create())
          .directExecutor()
          .build();
      byte[] message = new byte[messageBytes];
      Histogram unary = new Chain(back -> unary(channel, message, back)).run();
      Histogram stream = new Chain(back -> stream(channel, message, back)).run();
      channel.shutdownNow();
      System.out.println(new JsonLine()
          .with("system", "grpc-ceiling")
          .with("messageBytes", messageBytes)
          .with("unaryPerSecond", unary.getTotalCount() / (double) seconds)
          .with("unaryP50us", unary.getValueAtPercentile(50) / 1e3)
          .with("unaryP99us", unary.getValueAtPercentile(99) / 1e3)
          .with("streamPerSecond", stream.getTotalCount() / (double) seconds)
          .with("streamP50us", stream.getValueAtPercentile(50) / 1e3)
          .with("streamP99us", stream.getValueAtPercentile(99) / 1e3));
    } finally {
      other.destroy();
    }
    return 0;
  }

  /** The same program as this one; it ends when its standard input does. */
  private static Process startOther() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(GrpcCeiling.class.getName(), "--serve"));
    return new ProcessBuilder(command)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .redirectInput(ProcessBuilder.Redirect.PIPE)
        .start();
  }

  private static void serve() throws IOException {
    Server server = NettyServerBuilder.forAddress(
            new InetSocketAddress("127.0.0.1", 0), InsecureServerCredentials.create())
        .directExecutor()
        .addService(ServerServiceDefinition.builder("echo")
            .addMethod(UNARY, ServerCalls.asyncUnaryCall((message, answers) -> {
              answers.onNext(message);
              answers.onCompleted();
            }))
            .addMethod(STREAM, ServerCalls.asyncBidiStreamingCall(Echo::new))
            .build())
        .build()
        .start();
    System.out.println(server.getPort());
    while (System.in.read() >= 0) {
      // Nothing is ever said: the end of the input is what is waited for.
    }
    server.shutdownNow();
  }

  /** Sends back what comes. */
  private record Echo(StreamObserver<byte[]> answers) implements StreamObserver<byte[]> {
    @Override
    public void onNext(byte[] message) {
      answers.onNext(message);
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {
      answers.onCompleted();
    }
  }

  /** One way to get a message there and back. */
  private interface Route {
    /**
     * @param back runs when a message has come back
     * @return sends one
     */
    Runnable open(Runnable back);
  }

  /** Sends the next message when the last is back, and takes the times. */
  private final class Chain {
    private final Histogram latencies = new Histogram(3);
    private final CountDownLatch done = new CountDownLatch(1);
    private final Runnable next;
    private long sent = System.nanoTime();
    private final long measureFrom = sent + WARMUP_NANOS;
    private final long end = measureFrom + seconds * 1_000_000_000L;

    Chain(Route route) {
      next = route.open(this::back);
    }

    Histogram run() throws InterruptedException {
      next.run();
      if (!done.await(seconds + 30L, TimeUnit.SECONDS)) {
        throw new IllegalStateException("no answer from the other JVM");
      }
      return latencies;
    }

    private void back() {
      long now = System.nanoTime();
      if (now - measureFrom >= 0) {
        latencies.recordValue(now - sent);
      }
      if (now - end >= 0) {
        done.countDown();
        return;
      }
      sent = now;
      next.run();
    }
  }

  private static Runnable unary(Channel channel, byte[] message, Runnable back) {
    return () -> ClientCalls.asyncUnaryCall(
        channel.newCall(UNARY, CallOptions.DEFAULT), message, new Answers(() -> {}, back));
  }

  private static Runnable stream(Channel channel, byte[] message, Runnable back) {
    StreamObserver<byte[]> requests = ClientCalls.asyncBidiStreamingCall(
        channel.newCall(STREAM, CallOptions.DEFAULT), new Answers(back, () -> {}));
    return () -> requests.onNext(message);
  }

  /** Tells of each answer and of the end of the call. */
  private record Answers(Runnable each, Runnable last) implements StreamObserver<byte[]> {
    @Override
    public void onNext(byte[] message) {
      each.run();
    }

    @Override
    public void onError(Throwable failure) {
      // The chain waits no longer than its patience, and says so.
    }

    @Override
    public void onCompleted() {
      last.run();
    }
  }

  private static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
    return MethodDescriptor.<byte[], byte[]>newBuilder()
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName("echo", name))
        .setRequestMarshaller(new Bytes())
        .setResponseMarshaller(new Bytes())
        .build();
  }

  /** Bytes as they are. */
  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
