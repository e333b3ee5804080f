package io.quorate.region.host;

import io.quorate.region.command.Refusal;
import java.util.Optional;

/** Whether a user may do what a request asks. Called at admission on the region's mailbox: must be quick. */
@FunctionalInterface
public interface PermissionHook {
  PermissionHook ALLOW_ALL = request -> Optional.empty();

  /** The refusal to answer with, or empty to go on. */
  Optional<Refusal> check(RegionRequest request);
}
