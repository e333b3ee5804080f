package io.quorate.region.host;

/** Hears what a heartbeat must say at once. Called on raft's and the regions' threads: must be short. */
public interface RegionListener {
  /** The replica began or ceased to lead, or its descriptor changed: ask the host for what it is now. */
  void onChanged(RegionHost region);

  /** The replica stopped for good because of a broken invariant. */
  void onFailed(RegionHost region, String reason);
}
