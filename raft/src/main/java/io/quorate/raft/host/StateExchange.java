package io.quorate.raft.host;

import com.alipay.sofa.jraft.entity.RaftOutter.SnapshotMeta;
import com.alipay.sofa.jraft.rpc.RpcRequests.GetFileRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.GetFileResponse;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.quorate.model.Bytes;
import io.quorate.raft.transport.RaftTransport;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.zip.CRC32C;

/**
 * Moves whole states of small machines between the stores of a cluster, in pieces of jraft's file messages; one per host, any
 * thread. What travels: format (1 byte), CRC-32C of the rest (4), length of the snapshot's meta (4), meta, state.
 */
final class StateExchange {
  /** A state with the point in the log that it is of. */
  record Whole(SnapshotMeta meta, Bytes state) {}

  static final int PIECE_BYTES = 512 << 10;
  private static final byte FORMAT = 1;
  private static final int HEAD_BYTES = 1 + 2 * Integer.BYTES;
  private static final String SCHEME = "quorate-state://";

  private final long store;
  private final int maxStateBytes;
  private final Supplier<RaftTransport> transport;
  private final long pieceTimeoutMillis;
  private final Map<Long, ByteString> offers = new ConcurrentHashMap<>();
  private final AtomicLong numbers = new AtomicLong();

  StateExchange(
      long store, int maxStateBytes, long pieceTimeoutMillis, Supplier<RaftTransport> transport) {
    this.store = store;
    this.maxStateBytes = maxStateBytes;
    this.pieceTimeoutMillis = pieceTimeoutMillis;
    this.transport = transport;
  }

  /** Holds a state ready for whoever is told its address. */
  long offer(SnapshotMeta meta, byte[] state) {
    long number = numbers.incrementAndGet();
    offers.put(number, ByteString.copyFrom(pack(meta, state)));
    return number;
  }

  void withdraw(long number) {
    offers.remove(number);
  }

  String uri(long number) {
    return SCHEME + store + "/" + number;
  }

  /** Answers another store's request for a piece; without data where the offer was withdrawn. */
  GetFileResponse piece(GetFileRequest request) {
    ByteString whole = offers.getOrDefault(request.getReaderId(), ByteString.EMPTY);
    int from = (int) Math.min(request.getOffset(), whole.size());
    int until = (int) Math.min(from + Math.min(request.getCount(), PIECE_BYTES), whole.size());
    return GetFileResponse.newBuilder()
        .setEof(until == whole.size())
        .setData(whole.substring(from, until))
        .setReadSize(until - from)
        .build();
  }

  /**
   * Fetches a state from the store that offers it; waits.
   *
   * @throws IllegalStateException if it does not come, or comes damaged
   */
  Whole fetch(String uri, long group, Supplier<Boolean> cancelled) throws InterruptedException {
    String[] parts = uri.substring(Math.min(SCHEME.length(), uri.length())).split("/", -1);
    if (!uri.startsWith(SCHEME) || parts.length != 2) {
      throw new IllegalStateException("not a state's address: " + uri);
    }
    long from = Long.parseLong(parts[0]);
    long number = Long.parseLong(parts[1]);
    ByteString whole = ByteString.EMPTY;
    while (true) {
      GetFileResponse piece = ask(from, group, number, whole.size(), cancelled);
      whole = whole.concat(piece.getData());
      if (whole.size() > maxStateBytes + HEAD_BYTES + PIECE_BYTES) {
        throw new IllegalStateException("state exceeds " + maxStateBytes + " bytes");
      }
      if (piece.getEof()) {
        return unpack(whole.toByteArray());
      }
      if (piece.getData().isEmpty()) {
        throw new IllegalStateException("state " + uri + " stopped coming");
      }
    }
  }

  private GetFileResponse ask(
      long from, long group, long number, long offset, Supplier<Boolean> cancelled)
      throws InterruptedException {
    if (cancelled.get()) {
      throw new IllegalStateException("cancelled");
    }
    GetFileRequest request = GetFileRequest.newBuilder()
        .setReaderId(number)
        .setFilename("state")
        .setOffset(offset)
        .setCount(PIECE_BYTES)
        .setReadPartly(true)
        .build();
    CompletableFuture<Message> answer = new CompletableFuture<>();
    transport.get().link(from).call(group, 0, request, new CallFuture(answer), pieceTimeoutMillis);
    try {
      return (GetFileResponse) answer.get();
    } catch (java.util.concurrent.ExecutionException | CancellationException e) {
      throw new IllegalStateException("store " + from + " gives no state: " + e.getMessage(), e);
    }
  }

  private static byte[] pack(SnapshotMeta meta, byte[] state) {
    byte[] head = meta.toByteArray();
    ByteBuffer out = ByteBuffer.allocate(HEAD_BYTES + head.length + state.length);
    out.put(FORMAT).putInt(0).putInt(head.length).put(head).put(state);
    out.putInt(1, crc(out.array()));
    return out.array();
  }

  private static Whole unpack(byte[] packed) {
    if (packed.length < HEAD_BYTES) {
      throw new IllegalStateException("the state's offer is gone");
    }
    ByteBuffer in = ByteBuffer.wrap(packed);
    byte format = in.get();
    if (format != FORMAT) {
      throw new IllegalStateException(
          "state of format " + format + ", only " + FORMAT + " is known");
    }
    if (in.getInt() != crc(packed)) {
      throw new IllegalStateException("state came damaged");
    }
    byte[] head = new byte[in.getInt()];
    in.get(head);
    byte[] state = new byte[in.remaining()];
    in.get(state);
    try {
      return new Whole(SnapshotMeta.parseFrom(head), Bytes.wrap(state));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("state's meta cannot be read", e);
    }
  }

  private static int crc(byte[] packed) {
    CRC32C crc = new CRC32C();
    int covered = 1 + Integer.BYTES;
    crc.update(packed, covered, packed.length - covered);
    return (int) crc.getValue();
  }
}
