package io.quorate.client;

import java.util.Comparator;

/** By what a range is sorted. Ties are in key order. */
public enum SortTarget {
  KEY,
  VERSION,
  CREATE,
  MOD,
  VALUE;

  Comparator<KeyValue> ascending() {
    return switch (this) {
      case KEY -> Comparator.comparing(KeyValue::key);
      case VERSION -> Comparator.comparingLong(KeyValue::version);
      case CREATE -> Comparator.comparingLong(KeyValue::createRevision);
      case MOD -> Comparator.comparingLong(KeyValue::modRevision);
      case VALUE -> Comparator.comparing(KeyValue::value);
    };
  }

  io.quorate.proto.SortTarget message() {
    return switch (this) {
      case KEY -> io.quorate.proto.SortTarget.SORT_KEY;
      case VERSION -> io.quorate.proto.SortTarget.SORT_VERSION;
      case CREATE -> io.quorate.proto.SortTarget.SORT_CREATE;
      case MOD -> io.quorate.proto.SortTarget.SORT_MOD;
      case VALUE -> io.quorate.proto.SortTarget.SORT_VALUE;
    };
  }
}
