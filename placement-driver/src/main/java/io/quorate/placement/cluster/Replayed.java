package io.quorate.placement.cluster;

/**
 * What one record brought about.
 *
 * @param image the cluster after it
 * @param ruling what its proposer is told
 */
public record Replayed(ClusterImage image, Ruling ruling) {
  static Replayed done(ClusterImage image) {
    return new Replayed(image, Ruling.DONE);
  }

  static Replayed given(ClusterImage image, long value) {
    return new Replayed(image, new Ruling.Given(value));
  }

  static Replayed refused(ClusterImage image, Ruling.Reason reason, String message) {
    return new Replayed(image, new Ruling.Refused(reason, message));
  }
}
