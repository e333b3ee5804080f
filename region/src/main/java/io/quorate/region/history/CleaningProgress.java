package io.quorate.region.history;

/**
 * How far a store is with the removal of old versions.
 *
 * @param settled all that PD's floor let it remove up to this revision is removed here
 * @param behind led regions whose floor does not stand where it could
 * @param uncleaned replicas whose versions below their floor are not all removed
 * @param smallestFloor of a led region that is behind; 0 if none is
 * @param smallestRegion whose it is; 0 if none is behind
 * @param removed versions since the start
 */
public record CleaningProgress(
    long settled,
    int behind,
    int uncleaned,
    long smallestFloor,
    long smallestRegion,
    long removed) {
  public static final CleaningProgress NONE = new CleaningProgress(0, 0, 0, 0, 0, 0);
}
