package io.quorate.client;

import io.quorate.auth.ClusterKey;

/** How a client proves who it is. */
public sealed interface Credentials {
  /** A user of the cluster; ignored while nobody is asked who he is. */
  static Credentials user(String name, String password) {
    return new User(name, password);
  }

  /** A process of the cluster itself, to which nothing is forbidden. */
  static Credentials system(ClusterKey key) {
    return new Member(key);
  }

  /** By name and password. */
  record User(String name, String password) implements Credentials {
    /** Never shows the password. */
    @Override
    public String toString() {
      return "user " + name;
    }
  }

  /** By the cluster's key. */
  record Member(ClusterKey key) implements Credentials {}
}
