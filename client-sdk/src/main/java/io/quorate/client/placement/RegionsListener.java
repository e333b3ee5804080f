package io.quorate.client.placement;

/** Hears of changed regions, on the placement client's I/O thread: never block. */
public interface RegionsListener {
  /** A first full listing after each connect, then changes. */
  void changed(RegionListing changes);
}
