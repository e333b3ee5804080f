package io.quorate.region.watch;

import io.quorate.model.RegionError;
import io.quorate.model.RegionId;

/** A watcher at the door of its region, which lets it in or says where to go; once. Any thread. */
public final class WatchTicket {
  private final WatchConnection connection;
  private final Cursor cursor;
  private final RegionId region;
  private final long epochVersion;

  WatchTicket(WatchConnection connection, Cursor cursor, RegionId region, long epochVersion) {
    this.connection = connection;
    this.cursor = cursor;
    this.region = region;
    this.epochVersion = epochVersion;
  }

  public RegionId region() {
    return region;
  }

  /** The shape of the region that the watcher believes in. */
  public long epochVersion() {
    return epochVersion;
  }

  public WatchSpec spec() {
    return cursor.spec();
  }

  /**
   * Lets it in.
   *
   * @param wantResolved asks for the region's promise to advance
   * @return false if the range is not the hub's any more
   */
  public boolean admit(WatchHub hub, Runnable wantResolved) {
    cursor.attach(hub, wantResolved);
    boolean opened = hub.open(cursor);
    if (opened) {
      connection.entered(cursor);
    }
    return opened;
  }

  public void turnAway(RegionError error) {
    connection.turnedAway(cursor, error);
  }
}
