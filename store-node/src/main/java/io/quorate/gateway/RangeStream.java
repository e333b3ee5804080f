package io.quorate.gateway;

import io.grpc.stub.ServerCallStreamObserver;
import io.quorate.client.PageReader;
import io.quorate.client.QuorateClient;
import io.quorate.client.RangeOptions;
import io.quorate.client.RangeResult;
import io.quorate.model.KeyRange;
import io.quorate.proto.etcd.RangeResponse;
import io.quorate.proto.etcd.RangeStreamResponse;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One streamed range: a page is read when the caller has taken the one before, so that memory is bounded by a page. Made for one
 * call. Thread: one step at a time, on the SDK's callback threads or the transport's.
 */
final class RangeStream {
  private final QuorateClient client;
  private final ResponseHeaders headers;
  private final KeyRange keys;
  private final RangeOptions options;
  private final ServerCallStreamObserver<RangeStreamResponse> call;
  private final PageReader pages;
  /** Set while a page is on its way, and for good once the call has ended. */
  private final AtomicBoolean busy = new AtomicBoolean();

  private long sent;

  RangeStream(
      QuorateClient client,
      ResponseHeaders headers,
      KeyRange keys,
      RangeOptions options,
      ServerCallStreamObserver<RangeStreamResponse> call) {
    this.client = client;
    this.headers = headers;
    this.keys = keys;
    this.options = options;
    this.call = call;
    this.pages = client.pages(keys, options);
  }

  void begin() {
    call.setOnReadyHandler(this::step);
    call.setOnCancelHandler(() -> busy.set(true));
    step();
  }

  private void step() {
    if (!call.isReady() || !busy.compareAndSet(false, true)) {
      return;
    }
    var unused = pages.next().whenComplete((page, failure) -> {
      if (failure != null) {
        call.onError(EtcdErrors.of(failure));
      } else if (page.isPresent()) {
        send(page);
      } else {
        finish();
      }
    });
  }

  private void send(Optional<RangeResult> page) {
    RangeResponse.Builder part = RangeResponse.newBuilder();
    page.orElseThrow().kvs().forEach(kv -> part.addKvs(KvResponses.keyValue(kv)));
    sent += part.getKvsCount();
    call.onNext(RangeStreamResponse.newBuilder().setRangeResponse(part).build());
    busy.set(false);
    step();
  }

  /** Header, count and whether a limit cut come last, as of the same revision. */
  private void finish() {
    RangeOptions count = RangeOptions.DEFAULT.at(pages.revision()).withCountOnly();
    var unused = client
        .range(keys, options.timeout().map(count::withTimeout).orElse(count))
        .thenCombine(client.placement().oracle().current(), (counted, now) -> {
          long header = options.revision() == 0 ? pages.revision() : now.revision();
          return RangeResponse.newBuilder()
              .setHeader(headers.at(header))
              .setCount(counted.count())
              .setMore(options.limit() > 0 && counted.count() > sent)
              .build();
        })
        .whenComplete((last, failure) -> {
          if (failure == null) {
            call.onNext(RangeStreamResponse.newBuilder().setRangeResponse(last).build());
            call.onCompleted();
          } else {
            call.onError(EtcdErrors.of(failure));
          }
        });
  }
}
