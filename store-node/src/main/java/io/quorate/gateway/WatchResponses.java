package io.quorate.gateway;

import io.quorate.client.watch.WatchEvent;
import io.quorate.proto.etcd.WatchResponse;
import io.quorate.proto.etcd.mvcc.Event;
import java.util.ArrayList;
import java.util.List;

/** Writes the SDK's events as etcd's. Stateless. */
final class WatchResponses {
  /** Where a response is cut, if its watch allows that: etcd's largest request, so that each part fits a default client. */
  private static final int FRAGMENT_BYTES = 3 << 19;

  private WatchResponses() {}

  static Event event(WatchEvent event) {
    Event.Builder written = Event.newBuilder()
        .setType(event.type() == WatchEvent.Type.PUT ? Event.EventType.PUT : Event.EventType.DELETE)
        .setKv(KvResponses.keyValue(event.kv()));
    event.previous().ifPresent(before -> written.setPrevKv(KvResponses.keyValue(before)));
    return written.build();
  }

  static long lastRevision(List<WatchEvent> events) {
    return events.get(events.size() - 1).revision();
  }

  /**
   * One response with all events, or as many as it takes.
   *
   * @param fragment whether they may be spread over several; all but the last say so
   */
  static List<WatchResponse.Builder> events(List<WatchEvent> events, boolean fragment) {
    List<WatchResponse.Builder> parts = new ArrayList<>();
    WatchResponse.Builder part = WatchResponse.newBuilder();
    long bytes = 0;
    for (WatchEvent each : events) {
      Event event = event(each);
      if (fragment && bytes > 0 && bytes + event.getSerializedSize() > FRAGMENT_BYTES) {
        parts.add(part.setFragment(true));
        part = WatchResponse.newBuilder();
        bytes = 0;
      }
      part.addEvents(event);
      bytes += event.getSerializedSize();
    }
    parts.add(part);
    return parts;
  }
}
