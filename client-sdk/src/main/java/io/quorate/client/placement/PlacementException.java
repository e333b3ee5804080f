package io.quorate.client.placement;

import io.quorate.proto.PlacementError;

/** PD refused, or could not be reached in time. The message says what to do. */
public final class PlacementException extends RuntimeException {
  private final PlacementError.Code code;

  public PlacementException(PlacementError.Code code, String message) {
    super(message, null, false, false);
    this.code = code;
  }

  /** {@code UNAVAILABLE} also stands for a PD that did not answer in time. */
  public PlacementError.Code code() {
    return code;
  }
}
