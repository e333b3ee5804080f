package io.quorate.region.watch;

import com.google.protobuf.ByteString;
import io.quorate.model.Bytes;
import io.quorate.proto.KeyValue;
import io.quorate.proto.WatchEvent;
import io.quorate.region.command.Mutation;
import io.quorate.region.mvcc.Version;
import io.quorate.region.storage.ChangePlace;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A change as watchers see it, shared by all of them and encoded once. Any thread; encoding it twice at a time does no harm. */
final class Event {
  /** What an event counts for beside key and value. */
  private static final int OVERHEAD = 64;

  private final ChangePlace place;
  private final Bytes key;
  private final Version version;
  private volatile @Nullable ByteString plain;
  private volatile @Nullable ByteString withPrevious;

  /** Finds versions that are not the newest any more. */
  interface Versions {
    /** As {@link io.quorate.region.storage.RegionStore#at}. */
    Version at(Bytes key, long revision);
  }

  Event(Bytes key, Version version) {
    this.place = new ChangePlace(version.modRevision(), version.sub());
    this.key = key;
    this.version = version;
  }

  static Event of(Mutation mutation) {
    return new Event(mutation.key(), mutation.version());
  }

  ChangePlace place() {
    return place;
  }

  long revision() {
    return place.revision();
  }

  Bytes key() {
    return key;
  }

  boolean delete() {
    return !version.isLive();
  }

  /** What it counts for in limits. */
  int weight() {
    return OVERHEAD + key.length() + version.value().length();
  }

  /** The encoded {@link WatchEvent}. */
  ByteString bytes() {
    ByteString known = plain;
    if (known == null) {
      known = message().build().toByteString();
      plain = known;
    }
    return known;
  }

  /**
   * The same, with the key as it was before, unless that may be cleaned away; reads the disk at worst.
   *
   * @param floor asked after reading
   */
  ByteString bytesWithPrevious(Versions versions, LongSupplier floor) {
    ByteString known = withPrevious;
    if (known == null) {
      Version previous = versions.at(key, place.revision() - 1);
      known = previous.isLive() && floor.getAsLong() < place.revision()
          ? message().setPrevious(keyValue(key, previous)).build().toByteString()
          : bytes();
      withPrevious = known;
    }
    return known;
  }

  private WatchEvent.Builder message() {
    return WatchEvent.newBuilder()
        .setDelete(delete())
        .setKv(keyValue(key, version))
        .setSub(place.sub());
  }

  private static KeyValue keyValue(Bytes key, Version version) {
    return KeyValue.newBuilder()
        .setKey(key.toByteString())
        .setValue(version.value().toByteString())
        .setCreateRevision(version.createRevision())
        .setModRevision(version.modRevision())
        .setVersion(version.version())
        .setLease(version.lease())
        .build();
  }
}
