package io.quorate.gateway;

import com.google.protobuf.ByteString;
import io.quorate.client.watch.WatchOptions;
import io.quorate.model.KeyRange;
import io.quorate.proto.etcd.WatchCreateRequest;
import io.quorate.proto.etcd.WatchCreateRequest.FilterType;
import java.time.Duration;

/** Reads etcd's watches as the SDK's (etcd server/etcdserver/api/v3rpc/watch.go). Stateless. */
final class WatchRequests {
  private static final ByteString ZERO = ByteString.copyFrom(new byte[] {0});

  private WatchRequests() {}

  /** An empty key is the smallest one here, other than in KV. */
  static KeyRange range(WatchCreateRequest request) {
    ByteString key = request.getKey().isEmpty() ? ZERO : request.getKey();
    return EtcdKeys.range(key, request.getRangeEnd());
  }

  /**
   * Why there will be no such watch; empty if there may be.
   *
   * @param doubled whether the stream has a watch of the id that is asked for
   */
  static String refusal(WatchCreateRequest request, KeyRange range, boolean doubled) {
    if (range.isEmpty()) {
      return "mvcc: watcher range is empty";
    }
    if (request.getStartRevision() < 0) {
      return "etcdserver: mvcc: required revision has been compacted";
    }
    return request.getWatchId() != 0 && doubled
        ? "mvcc: duplicate watch ID provided on the WatchStream"
        : "";
  }

  static boolean isMute(WatchCreateRequest request) {
    return request.getFiltersList().contains(FilterType.NOPUT)
        && request.getFiltersList().contains(FilterType.NODELETE);
  }

  /**
   * How the SDK shall watch, its start aside.
   *
   * @param progress how often progress is told to who wants it
   */
  static WatchOptions options(WatchCreateRequest request, Duration progress) {
    WatchOptions options = WatchOptions.DEFAULT;
    if (request.getFiltersList().contains(FilterType.NOPUT)) {
      options = options.withoutPuts();
    } else if (request.getFiltersList().contains(FilterType.NODELETE)) {
      options = options.withoutDeletes();
    }
    if (request.getPrevKv()) {
      options = options.withPrevious();
    }
    return request.getProgressNotify() ? options.withProgressEvery(progress) : options;
  }
}
