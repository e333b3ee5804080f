package io.quorate.model;

/** The numbers that both ends of a connection must agree on. */
public final class Protocol {
  /** Version of all messages of this build; a receiver refuses a greater one. */
  public static final int VERSION = 1;

  /** Feature level a new cluster starts with: commands of a later level are not proposed below it. */
  public static final int FEATURE_LEVEL = 1;

  /** etcd's default limit of one request, in bytes (embed/config.go, DefaultMaxRequestBytes). */
  public static final int MAX_REQUEST_BYTES = 1_572_864;

  /** etcd's default limit of operations in one transaction branch (DefaultMaxTxnOps). */
  public static final int MAX_TXN_OPERATIONS = 128;

  private Protocol() {}
}
