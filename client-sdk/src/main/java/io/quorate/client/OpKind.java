package io.quorate.client;

/** The requests of the client, as metrics name them. */
enum OpKind {
  GET,
  PUT,
  DELETE,
  RANGE,
  TXN,
  RESTORE,
  LEASE,
  PREWRITE,
  COMMIT,
  ROLLBACK,
  LOCKS;

  String tag() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
