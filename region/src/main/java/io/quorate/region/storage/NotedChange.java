package io.quorate.region.storage;

import io.quorate.model.Bytes;

/**
 * That a key was changed, without its value.
 *
 * @param place when
 * @param key user key
 * @param delete whether it was deleted
 */
public record NotedChange(ChangePlace place, Bytes key, boolean delete) {
  public long revision() {
    return place.revision();
  }
}
