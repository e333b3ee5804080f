package io.quorate.client.recipe;

import io.quorate.client.lease.LeaseLoss;

/** Why something is held no more. */
public enum Loss {
  /** It was given back here. */
  RELEASED,
  /** The session's lease has expired or was revoked. */
  LEASE_GONE,
  /** Nobody could be asked for so long that the lease may have expired. */
  UNPROVEN,
  /** The session was closed here: its keys go when the lease's time is over. */
  SESSION_CLOSED,
  /** Somebody deleted the key, or put it under another lease. */
  KEY_GONE;

  static Loss of(LeaseLoss why) {
    return switch (why) {
      case GONE -> LEASE_GONE;
      case UNPROVEN -> UNPROVEN;
      case CLOSED -> SESSION_CLOSED;
    };
  }
}
