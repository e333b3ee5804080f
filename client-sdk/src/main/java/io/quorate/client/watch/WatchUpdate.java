package io.quorate.client.watch;

import java.util.List;

/**
 * What a watch tells at a time: events in the order of their revisions, those of one revision never apart; or none, which tells
 * progress only.
 *
 * @param events possibly of several revisions
 * @param revision all up to here has been told with this update: a watch that starts at the next one loses and repeats nothing.
 *     With the immediate mode it may be below the revisions of the events
 */
public record WatchUpdate(List<WatchEvent> events, long revision) {
  public WatchUpdate {
    events = List.copyOf(events);
  }

  /** Whether it tells progress only. */
  public boolean isProgress() {
    return events.isEmpty();
  }
}
