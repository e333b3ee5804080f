package io.quorate.client;

/** In which direction a range is sorted. */
public enum SortOrder {
  ASCENDING,
  DESCENDING;

  io.quorate.proto.SortOrder message() {
    return this == ASCENDING
        ? io.quorate.proto.SortOrder.SORT_ASCEND
        : io.quorate.proto.SortOrder.SORT_DESCEND;
  }
}
