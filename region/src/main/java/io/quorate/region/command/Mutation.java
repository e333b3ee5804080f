package io.quorate.region.command;

import io.quorate.model.Bytes;
import io.quorate.region.mvcc.Version;

/**
 * One new version of one key. In the order of their sub-revisions they are also the events that watchers see.
 *
 * @param key user key
 * @param version what is written, a tombstone for a deletion
 * @param name of the write that it is part of
 */
public record Mutation(Bytes key, Version version, WriteName name) {
  /** Of a write without a name. */
  public Mutation(Bytes key, Version version) {
    this(key, version, WriteName.NONE);
  }
}
