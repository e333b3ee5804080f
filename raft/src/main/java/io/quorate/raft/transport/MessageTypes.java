package io.quorate.raft.transport;

import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.ErrorResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.GetFileRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.GetFileResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.InstallSnapshotRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.InstallSnapshotResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.RequestVoteRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.RequestVoteResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.TimeoutNowRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.TimeoutNowResponse;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The fixed table of jraft messages that travel in {@code RaftMessage}; a row's place is its number on the wire. */
public final class MessageTypes {
  private static final List<Message> TABLE = List.of(
      ErrorResponse.getDefaultInstance(),
      AppendEntriesRequest.getDefaultInstance(),
      AppendEntriesResponse.getDefaultInstance(),
      RequestVoteRequest.getDefaultInstance(),
      RequestVoteResponse.getDefaultInstance(),
      TimeoutNowRequest.getDefaultInstance(),
      TimeoutNowResponse.getDefaultInstance(),
      InstallSnapshotRequest.getDefaultInstance(),
      InstallSnapshotResponse.getDefaultInstance(),
      GetFileRequest.getDefaultInstance(),
      GetFileResponse.getDefaultInstance());

  private static final Map<Class<?>, Integer> NUMBERS = new HashMap<>();

  static {
    for (int i = 0; i < TABLE.size(); i++) {
      NUMBERS.put(TABLE.get(i).getClass(), i);
    }
  }

  private static final int APPEND = number(AppendEntriesRequest.getDefaultInstance());
  private static final int VOTE = number(RequestVoteRequest.getDefaultInstance());
  private static final int PIECE = number(GetFileRequest.getDefaultInstance());

  private MessageTypes() {}

  /** The type's number, or -1 if it is not one that travels. */
  static int number(Message message) {
    return NUMBERS.getOrDefault(message.getClass(), -1);
  }

  /** Whether a message asks for a piece of a state, which is no group's business. */
  public static boolean isPiece(int number) {
    return number == PIECE;
  }

  /** Whether a message is an append, of which there are many and whose order counts. */
  public static boolean isAppend(int number) {
    return number == APPEND;
  }

  /** Whether a message asks for a vote. */
  public static boolean isVote(int number) {
    return number == VOTE;
  }

  /** Reads a payload; a number of a newer build is refused like a broken payload. */
  public static Message parse(int number, ByteString payload)
      throws InvalidProtocolBufferException {
    if (number < 0 || number >= TABLE.size()) {
      throw new InvalidProtocolBufferException("unknown message type " + number);
    }
    Parser<? extends Message> parser = TABLE.get(number).getParserForType();
    return parser.parseFrom(payload);
  }
}
