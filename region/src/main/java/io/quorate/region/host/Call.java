package io.quorate.region.host;

import com.google.protobuf.ByteString;
import io.quorate.model.RegionError;
import io.quorate.proto.RefusalCode;
import io.quorate.proto.Response;
import io.quorate.region.command.Command;
import io.quorate.region.command.Refusal;
import io.quorate.region.command.WriteName;
import io.quorate.region.mvcc.RangeQuery;
import io.quorate.region.order.Footprint;
import io.quorate.region.transaction.TxnId;
import io.quorate.region.wire.LeaseMessages;
import io.quorate.region.wire.Responses;
import io.quorate.region.wire.TxnMessages;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request from admission to answer. Owned by the region's mailbox; a large read belongs to its reader thread from the
 * moment it is handed over.
 */
final class Call {
  private final RegionRequest request;
  private final Consumer<Response> sink;
  private final long deadline;
  private final Footprint footprint;
  private final @Nullable Command command;
  private final @Nullable RangeQuery query;
  private final WriteName name;
  private boolean answered;
  private int restamps;
  private @Nullable Set<Long> unknownLeases;

  private Call(
      RegionRequest request,
      Consumer<Response> sink,
      long deadline,
      Footprint footprint,
      @Nullable Command command,
      @Nullable RangeQuery query) {
    this.request = request;
    this.sink = sink;
    this.deadline = deadline;
    this.footprint = footprint;
    this.command = command;
    this.query = query;
    this.name = command == null ? WriteName.NONE : request.name();
  }

  /** Of a request that may write. */
  static Call of(RegionRequest request, Consumer<Response> sink, long deadline, Command command) {
    return new Call(request, sink, deadline, Footprint.of(command), command, null);
  }

  /** Of a range read. */
  static Call of(RegionRequest request, Consumer<Response> sink, long deadline, RangeQuery query) {
    return new Call(request, sink, deadline, Footprint.of(query.range()), null, query);
  }

  /** Of a get, or of a request that is answered at once. */
  static Call of(
      RegionRequest request, Consumer<Response> sink, long deadline, Footprint footprint) {
    return new Call(request, sink, deadline, footprint, null, null);
  }

  /** Answers a request that never became a call. */
  static void reject(RegionRequest request, Consumer<Response> sink, RegionError error) {
    of(request, sink, 0, Footprint.NOTHING).fail(error);
  }

  /** Answers a request that the data's rules refuse before anything is looked at. */
  static void reject(RegionRequest request, Consumer<Response> sink, Refusal refusal) {
    of(request, sink, 0, Footprint.NOTHING).refuse(refusal);
  }

  /**
   * The same request as a command that goes through the log; what becomes of that answers this one.
   *
   * @param finish completes the answer
   */
  Call as(Command instead, Consumer<Response.Builder> finish) {
    return of(
        request,
        response -> {
          Response.Builder answer = response.toBuilder();
          finish.accept(answer);
          answer(answer);
        },
        deadline,
        instead);
  }

  RegionRequest request() {
    return request;
  }

  /** By which the write may be asked for again. */
  WriteName name() {
    return name;
  }

  /** All that the request names. */
  Footprint footprint() {
    return footprint;
  }

  /** What a request that may write does. */
  Command command() {
    if (command == null) {
      throw new IllegalStateException("a read in the write path");
    }
    return command;
  }

  boolean isGet() {
    return command == null && query == null;
  }

  boolean isRange() {
    return query != null;
  }

  /** Whether it may be answered below the compacted revision, as long as the floor lies below what it reads. */
  boolean mayReadBelowCompacted() {
    return query != null && request.message().getRange().getBelowCompacted();
  }

  /** What a range read asks for. */
  RangeQuery query() {
    if (query == null) {
      throw new IllegalStateException("not a range read");
    }
    return query;
  }

  /** The shape of the region that the request was made for. */
  long epochVersion() {
    return request.message().getEpoch().getVersion();
  }

  /** Whether the deadline has come, by the host's clock. */
  boolean isPast(long now) {
    return now - deadline >= 0;
  }

  boolean answered() {
    return answered;
  }

  /** Counts and answers how often the command got another stamp. */
  int restamped() {
    return ++restamps;
  }

  /** Leases that it names and of which their homes know nothing. */
  Set<Long> unknownLeases() {
    Set<Long> unknown = unknownLeases;
    if (unknown == null) {
      unknown = new HashSet<>();
      unknownLeases = unknown;
    }
    return unknown;
  }

  /** Whether it asks about leases, without changing any. */
  boolean isAboutLeases() {
    return command == null && LeaseMessages.isQuery(request.message());
  }

  /** Whether it asks about transactions, without changing any yet. */
  boolean isAboutTxns() {
    return command == null && TxnMessages.isQuery(request.message());
  }

  /** Transactions whose locks do not hold it back. */
  List<TxnId> pastTxns() {
    List<ByteString> ids = request.message().getPastTxnsList();
    return ids.isEmpty() ? List.of() : ids.stream().map(TxnMessages::id).toList();
  }

  int bytes() {
    return request.message().getSerializedSize();
  }

  /** Answers; later answers of the same call are dropped: the first one is what the asker believes. */
  void answer(Response.Builder response) {
    if (!answered) {
      answered = true;
      sink.accept(response.setRequestId(request.message().getRequestId()).build());
    }
  }

  /** It is refused now; of a repeat that says nothing about what was sent before. */
  void refuse(Refusal refusal) {
    if (name.repeated() && refusal.code() != RefusalCode.LOCKED) {
      fail(new RegionError.Indeterminate(
          "refused now, and what became of it before is not known: " + refusal.message()));
    } else {
      answer(Responses.of(refusal));
    }
  }

  /** Whether it was done before cannot be told any more; now it was not. */
  void forgotten(RegionError notNow, long newest) {
    if (name.repeated()) {
      fail(new RegionError.Indeterminate(
          "it was first sent too long ago to tell whether it was done"));
    } else {
      answer(Responses.of(notNow).setRevision(newest));
    }
  }

  void fail(RegionError error) {
    answer(Responses.of(error));
  }
}
