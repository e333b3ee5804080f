package io.quorate.client.watch;

import io.quorate.client.KeyValue;
import io.quorate.model.Bytes;
import java.util.Optional;

/**
 * One change of one key.
 *
 * @param type what was done
 * @param kv the key as it is after it; of a deletion only key and mod revision are set
 * @param previous the key as it was before, if that was asked for, the key existed, and its value then is not compacted
 */
public record WatchEvent(Type type, KeyValue kv, Optional<KeyValue> previous) {
  /** What can be done to a key. */
  public enum Type {
    PUT,
    DELETE
  }

  public Bytes key() {
    return kv.key();
  }

  /** The revision that did it. */
  public long revision() {
    return kv.modRevision();
  }

  /** Whether the key did not exist before. */
  public boolean isCreate() {
    return type == Type.PUT && kv.createRevision() == kv.modRevision() && kv.version() == 1;
  }
}
