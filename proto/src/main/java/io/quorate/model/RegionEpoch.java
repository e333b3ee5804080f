package io.quorate.model;

/**
 * Which shape of a region something was made for.
 *
 * @param version grows when the range changes (split, merge)
 * @param membership grows when the set of replicas changes
 */
public record RegionEpoch(long version, long membership) {
  public static final RegionEpoch FIRST = new RegionEpoch(1, 1);

  /** Whether either number is behind the other epoch's. */
  public boolean isOlderThan(RegionEpoch other) {
    return version < other.version || membership < other.membership;
  }

  @Override
  public String toString() {
    return version + "." + membership;
  }
}
