package io.quorate.model;

/** The first byte of every stored key: it keeps what the system stores out of the users' reach. */
public enum Keyspace {
  SYSTEM('s'),
  USER('u');

  private final byte prefix;

  Keyspace(char prefix) {
    this.prefix = (byte) prefix;
  }

  public byte prefix() {
    return prefix;
  }
}
