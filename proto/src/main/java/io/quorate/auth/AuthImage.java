package io.quorate.auth;

import io.quorate.proto.AuthRole;
import io.quorate.proto.AuthRules;
import io.quorate.proto.AuthUser;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * All users and roles at one moment. Immutable; what changes it is {@link AuthChange}.
 *
 * @param revision grows with every change
 * @param enabled whether anybody is asked who he is
 * @param users by name
 * @param roles by name
 * @param nonce of the last change, by which its repeats are known
 */
public record AuthImage(
    long revision,
    boolean enabled,
    SortedMap<String, User> users,
    SortedMap<String, Role> roles,
    long nonce) {
  /** Nobody, and nobody asked. */
  public static final AuthImage EMPTY =
      new AuthImage(0, false, new TreeMap<>(), new TreeMap<>(), 0);

  public AuthImage {
    users = Collections.unmodifiableSortedMap(new TreeMap<>(users));
    roles = Collections.unmodifiableSortedMap(new TreeMap<>(roles));
  }

  AuthImage with(User user) {
    SortedMap<String, User> all = new TreeMap<>(users);
    all.put(user.name(), user);
    return new AuthImage(revision + 1, enabled, all, roles, nonce);
  }

  AuthImage withoutUser(String name) {
    SortedMap<String, User> all = new TreeMap<>(users);
    all.remove(name);
    return new AuthImage(revision + 1, enabled, all, roles, nonce);
  }

  AuthImage with(Role role) {
    SortedMap<String, Role> all = new TreeMap<>(roles);
    all.put(role.name(), role);
    return new AuthImage(revision + 1, enabled, users, all, nonce);
  }

  AuthImage withoutRole(String name) {
    SortedMap<String, Role> left = new TreeMap<>(roles);
    left.remove(name);
    SortedMap<String, User> all = new TreeMap<>(users);
    all.replaceAll((known, user) -> user.withoutRole(name));
    return new AuthImage(revision + 1, enabled, all, left, nonce);
  }

  AuthImage withEnabled(boolean on) {
    return new AuthImage(revision + 1, on, users, roles, nonce);
  }

  AuthImage changedBy(long asker) {
    return new AuthImage(revision, enabled, users, roles, asker);
  }

  /**
   * As it is written down and told.
   *
   * @param hashes whether with the users' password hashes
   */
  public AuthRules message(boolean hashes) {
    AuthRules.Builder rules =
        AuthRules.newBuilder().setRevision(revision).setEnabled(enabled).setNonce(nonce);
    users
        .values()
        .forEach(user -> rules.addUsers(AuthUser.newBuilder()
            .setName(user.name())
            .setPasswordHash(hashes ? user.passwordHash() : "")
            .setNoPassword(user.noPassword())
            .addAllRoles(user.roles())
            .setSince(user.since())));
    roles
        .values()
        .forEach(role -> rules.addRoles(
            AuthRole.newBuilder().setName(role.name()).addAllPermissions(role.permissions())));
    return rules.build();
  }

  public static AuthImage of(AuthRules rules) {
    SortedMap<String, User> users = new TreeMap<>();
    rules
        .getUsersList()
        .forEach(user -> users.put(
            user.getName(),
            new User(
                user.getName(),
                user.getPasswordHash(),
                user.getNoPassword(),
                new TreeSet<>(user.getRolesList()),
                user.getSince())));
    SortedMap<String, Role> roles = new TreeMap<>();
    rules
        .getRolesList()
        .forEach(
            role -> roles.put(role.getName(), new Role(role.getName(), role.getPermissionsList())));
    return new AuthImage(rules.getRevision(), rules.getEnabled(), users, roles, rules.getNonce());
  }
}
