package io.quorate.peers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.HdrHistogram.Histogram;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What the machine itself allows: a synced append to a file, and a message there and back over loopback. */
@Command(
    name = "ceilings",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Measures fdatasync of a small append and a TCP ping-pong on loopback.")
public final class Ceilings implements Callable<Integer> {
  /** A step that is repeated and timed. */
  private interface Step {
    void run() throws IOException;
  }

  private static final long WARMUP_NANOS = 500_000_000;

  @Option(
      names = "--seconds",
      defaultValue = "5",
      description = "for each of the two (${DEFAULT-VALUE})")
  int seconds;

  @Option(
      names = "--append-bytes",
      defaultValue = "400",
      description = "size of an append (${DEFAULT-VALUE})")
  int appendBytes;

  @Option(
      names = "--message-bytes",
      defaultValue = "256",
      description = "size of a message (${DEFAULT-VALUE})")
  int messageBytes;

  @Option(
      names = "--dir",
      defaultValue = ".",
      description = "where the file is written (${DEFAULT-VALUE})")
  Path directory;

  /** Runs the program. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Ceilings()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    Histogram appends = appends();
    Histogram pings = pings();
    System.out.println(new JsonLine()
        .with("system", "ceilings")
        .with("appendBytes", appendBytes)
        .with("fdatasyncPerSecond", appends.getTotalCount() / (double) seconds)
        .with("fdatasyncP50us", appends.getValueAtPercentile(50) / 1e3)
        .with("fdatasyncP99us", appends.getValueAtPercentile(99) / 1e3)
        .with("messageBytes", messageBytes)
        .with("pingPongPerSecond", pings.getTotalCount() / (double) seconds)
        .with("pingPongP50us", pings.getValueAtPercentile(50) / 1e3)
        .with("pingPongP99us", pings.getValueAtPercentile(99) / 1e3));
    return 0;
  }

  private Histogram appends() throws IOException {
    Path file = Files.createTempFile(directory, "ceilings", ".log");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.APPEND)) {
      ByteBuffer record = ByteBuffer.allocateDirect(appendBytes);
      return time(() -> {
        transferAll(record, channel::write);
        channel.force(false);
      });
    } finally {
      Files.delete(file);
    }
  }

  private Histogram pings() throws Exception {
    ExecutorService echoThread = Executors.newSingleThreadExecutor();
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
      Future<?> echo = echoThread.submit(() -> echo(listener));
      Histogram latencies;
      try (SocketChannel channel = SocketChannel.open(listener.getLocalAddress())) {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        ByteBuffer message = ByteBuffer.allocateDirect(messageBytes);
        latencies = time(() -> {
          transferAll(message, channel::write);
          transferAll(message, channel::read);
        });
      }
      echo.get();
      return latencies;
    } finally {
      echoThread.shutdownNow();
    }
  }

  /** Sends back what comes until the other side closes the connection. */
  private Void echo(ServerSocketChannel listener) throws IOException {
    try (SocketChannel channel = listener.accept()) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      ByteBuffer message = ByteBuffer.allocateDirect(messageBytes);
      while (channel.read(message) >= 0) {
        if (!message.hasRemaining()) {
          transferAll(message, channel::write);
          message.clear();
        }
      }
      return null;
    }
  }

  /** A read or a write of a channel. */
  private interface Transfer {
    int apply(ByteBuffer buffer) throws IOException;
  }

  private static void transferAll(ByteBuffer buffer, Transfer transfer) throws IOException {
    buffer.clear();
    while (buffer.hasRemaining()) {
      if (transfer.apply(buffer) < 0) {
        throw new IOException("closed by the other side");
      }
    }
  }

  private Histogram time(Step step) throws IOException {
    long warm = System.nanoTime() + WARMUP_NANOS;
    while (System.nanoTime() < warm) {
      step.run();
    }
    Histogram latencies = new Histogram(3);
    long end = System.nanoTime() + seconds * 1_000_000_000L;
    for (long start = System.nanoTime(); start < end; ) {
      step.run();
      long now = System.nanoTime();
      latencies.recordValue(now - start);
      start = now;
    }
    return latencies;
  }
}
