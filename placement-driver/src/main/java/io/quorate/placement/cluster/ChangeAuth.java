package io.quorate.placement.cluster;

import io.quorate.auth.AuthChange;
import io.quorate.proto.AdministerRequest;

/**
 * Users and roles change. Every answer of the oracle carries the auth revision that this makes.
 *
 * @param change whose passwords are hashes
 */
public record ChangeAuth(AdministerRequest change) implements PlacementRecord {
  @Override
  public Replayed replay(ClusterImage image) {
    AuthChange.Result result = AuthChange.apply(image.auth(), change);
    return result.refusal().isEmpty()
        ? Replayed.given(image.withAuth(result.image()), result.image().revision())
        : Replayed.refused(image, Ruling.Reason.INVALID, result.refusal());
  }

  /** Without what shall be in no log. */
  @Override
  public String toString() {
    return "ChangeAuth " + change.getCallCase();
  }
}
