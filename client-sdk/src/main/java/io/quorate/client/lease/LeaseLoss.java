package io.quorate.client.lease;

/** Why a lease is kept alive no more. */
public enum LeaseLoss {
  /** It has expired or was revoked: its keys are gone or going. */
  GONE,
  /** No keep-alive was answered for as long as the lease was proven to live: it may have expired. */
  UNPROVEN,
  /** It was closed here. */
  CLOSED
}
