package io.quorate.region.mvcc;

import io.quorate.model.Bytes;

/** Walks keys in ascending order, each at its newest version of a revision or before. One thread; close it. */
public interface KeyWalk extends AutoCloseable {
  /** Steps to the next key; false at the end, after which nothing else may be called. */
  boolean next();

  /** The key stepped to. */
  Bytes key();

  /** Whether the key exists in its version: costs less than {@link #version()}. */
  boolean isLive();

  /** The version; with its value only if the walk was asked for values. */
  Version version();

  @Override
  void close();
}
