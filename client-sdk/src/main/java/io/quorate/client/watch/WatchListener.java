package io.quorate.client.watch;

/**
 * Hears what happens to the keys of a watch. Called on the client's callback threads, one call at a time; while it runs, what
 * follows is kept in bounds, so it may take its time.
 */
@FunctionalInterface
public interface WatchListener {
  void onUpdate(WatchUpdate update);

  /**
   * The watch ended, but not by {@link Watch#close}: nothing follows.
   *
   * @param why {@link io.quorate.client.RefusedException} with code COMPACTED and the compacted revision if what follows is gone;
   *     else what else there is no way around
   */
  default void onEnd(Throwable why) {}
}
