package io.quorate.placement.cluster;

import io.quorate.placement.history.TimeMap;

/** Which revision was the newest at an age of the cluster; one that comes late or twice changes nothing. */
public record NoteTime(TimeMap.Sample sample) implements PlacementRecord {
  @Override
  public Replayed replay(ClusterImage image) {
    TimeMap now = image.history().times().with(sample, image.marks().compacted());
    return Replayed.done(image.withHistory(image.history().with(now)));
  }
}
