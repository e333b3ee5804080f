package io.quorate.placement.cluster;

/** What people told planning has changed. The notes replace those before them: their only author is the leader. */
public record NotePlanning(PlanningNotes notes) implements PlacementRecord {
  @Override
  public Replayed replay(ClusterImage image) {
    return Replayed.done(image.withPlanning(notes));
  }
}
