package io.quorate.auth;

import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Somebody who may log in. Immutable.
 *
 * @param name unique
 * @param passwordHash by bcrypt; empty if there is none, or where it is not told
 * @param noPassword known by a client certificate only
 * @param roles their names
 * @param since auth revision that gave the password: older tokens are void
 */
public record User(
    String name, String passwordHash, boolean noPassword, SortedSet<String> roles, long since) {
  /** Whoever has this role may do everything. */
  public static final String ROOT = "root";

  public User {
    roles = Collections.unmodifiableSortedSet(new TreeSet<>(roles));
  }

  public boolean isRoot() {
    return roles.contains(ROOT);
  }

  User withRole(String role) {
    SortedSet<String> all = new TreeSet<>(roles);
    all.add(role);
    return new User(name, passwordHash, noPassword, all, since);
  }

  User withoutRole(String role) {
    SortedSet<String> all = new TreeSet<>(roles);
    all.remove(role);
    return new User(name, passwordHash, noPassword, all, since);
  }

  User withPassword(String hash, long at) {
    return new User(name, hash, noPassword, roles, at);
  }

  /** Never shows the hash. */
  @Override
  public String toString() {
    return "user " + name + " " + roles;
  }
}
