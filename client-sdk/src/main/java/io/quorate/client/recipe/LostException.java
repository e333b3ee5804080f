package io.quorate.client.recipe;

import io.quorate.model.Bytes;

/** What was waited for or relied on is lost. What it guarded must be left alone: somebody else may have it. */
public final class LostException extends RuntimeException {
  private final Loss why;

  LostException(Loss why, Bytes key) {
    super(key + " is not held: " + why.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '));
    this.why = why;
  }

  public Loss why() {
    return why;
  }
}
