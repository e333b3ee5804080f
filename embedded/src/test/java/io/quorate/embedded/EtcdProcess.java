package io.quorate.embedded;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.quorate.proto.etcd.KVGrpc;
import io.quorate.proto.etcd.RangeRequest;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A real etcd, one member on ports of this machine, of the package {@code etcd-server}. Its test's. */
final class EtcdProcess implements AutoCloseable {
  private static final String HOST = "127.0.0.1";

  private final Process process;
  private final ManagedChannel channel;

  private EtcdProcess(Process process, ManagedChannel channel) {
    this.process = process;
    this.channel = channel;
  }

  /** Where it is installed; nothing if it is not. */
  static Optional<Path> installed() {
    String path = System.getenv("PATH");
    return path == null
        ? Optional.empty()
        : Stream.of(path.split(File.pathSeparator, -1))
            .map(directory -> Path.of(directory, "etcd"))
            .filter(Files::isExecutable)
            .findFirst();
  }

  /** Starts it, and waits until it answers. */
  static EtcdProcess start(Path program, Path directory) throws IOException {
    List<Integer> ports = FreePorts.take(2);
    String clients = "http://" + HOST + ":" + ports.get(0);
    String peers = "http://" + HOST + ":" + ports.get(1);
    Process process = new ProcessBuilder(
            program.toString(),
            "--data-dir=" + directory.resolve("etcd"),
            "--listen-client-urls=" + clients,
            "--advertise-client-urls=" + clients,
            "--listen-peer-urls=" + peers,
            "--initial-advertise-peer-urls=" + peers,
            "--initial-cluster=default=" + peers)
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("etcd.log").toFile())
        .start();
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(HOST, ports.get(0)).usePlaintext().build();
    EtcdProcess etcd = new EtcdProcess(process, channel);
    try {
      Awaitility.await().atMost(60, TimeUnit.SECONDS).ignoreExceptions().until(() -> {
        var unused = KVGrpc.newBlockingStub(channel)
            .withDeadlineAfter(2, TimeUnit.SECONDS)
            .range(
                RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("x")).build());
        return true;
      });
    } catch (RuntimeException e) {
      etcd.close();
      throw new IllegalStateException(
          "etcd does not start: "
              + Files.readString(directory.resolve("etcd.log"), StandardCharsets.UTF_8),
          e);
    }
    return etcd;
  }

  ManagedChannel channel() {
    return channel;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    process.destroyForcibly().onExit().join();
  }
}
