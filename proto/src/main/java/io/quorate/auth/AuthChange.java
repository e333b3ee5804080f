package io.quorate.auth;

import com.google.protobuf.ByteString;
import io.quorate.proto.AdministerRequest;
import io.quorate.proto.etcd.AuthRoleGrantPermissionRequest;
import io.quorate.proto.etcd.AuthRoleRevokePermissionRequest;
import io.quorate.proto.etcd.AuthUserAddRequest;
import io.quorate.proto.etcd.AuthUserChangePasswordRequest;
import io.quorate.proto.etcd.AuthUserGrantRoleRequest;
import io.quorate.proto.etcd.AuthUserRevokeRoleRequest;
import io.quorate.proto.etcd.auth.Permission;
import java.util.List;
import java.util.TreeSet;

/**
 * What a call of etcd's Auth service does to users and roles, by etcd's rules (etcd server/auth/store.go). Pure: the same on every
 * member. Passwords come as hashes.
 */
public final class AuthChange {
  /** Users, and likewise roles, that there may be. */
  public static final int NAMES_MAX = 10_000;

  /** Permissions of one role. */
  public static final int PERMISSIONS_MAX = 10_000;

  /** A longer name is refused. */
  public static final int NAME_CHARS_MAX = 256;

  private static final String ROOT = User.ROOT;
  private static final ByteString OPEN = ByteString.copyFrom(new byte[1]);

  /**
   * What came of it.
   *
   * @param image as it is now
   * @param refusal why nothing was changed; empty if something was, or nothing had to be
   */
  public record Result(AuthImage image, String refusal) {}

  private AuthChange() {}

  /** Applies the call of a request; a repeat of the last one changes nothing. */
  public static Result apply(AuthImage image, AdministerRequest request) {
    if (request.getNonce() != 0 && request.getNonce() == image.nonce()) {
      return done(image);
    }
    Result result = decide(image, request);
    return result.image() == image
        ? result
        : new Result(result.image().changedBy(request.getNonce()), result.refusal());
  }

  private static Result decide(AuthImage image, AdministerRequest request) {
    return switch (request.getCallCase()) {
      case ENABLE -> enable(image);
      case DISABLE -> image.enabled() ? done(image.withEnabled(false)) : done(image);
      case USER_ADD -> addUser(image, request.getUserAdd());
      case USER_DELETE -> deleteUser(image, request.getUserDelete().getName());
      case CHANGE_PASSWORD -> changePassword(image, request.getChangePassword());
      case GRANT_ROLE -> grantRole(image, request.getGrantRole());
      case REVOKE_ROLE -> revokeRole(image, request.getRevokeRole());
      case ROLE_ADD -> addRole(image, request.getRoleAdd().getName());
      case ROLE_DELETE -> deleteRole(image, request.getRoleDelete().getRole());
      case GRANT_PERMISSION -> grant(image, request.getGrantPermission());
      case REVOKE_PERMISSION -> revoke(image, request.getRevokePermission());
      case USER_GET, USER_LIST, ROLE_GET, ROLE_LIST, STATUS, CALL_NOT_SET -> done(image);
    };
  }

  /** Whether the call changes anything at all, or only asks. */
  public static boolean isChange(AdministerRequest request) {
    return switch (request.getCallCase()) {
      case USER_GET, USER_LIST, ROLE_GET, ROLE_LIST, STATUS, CALL_NOT_SET -> false;
      default -> true;
    };
  }

  private static Result done(AuthImage image) {
    return new Result(image, "");
  }

  private static Result refused(AuthImage image, AuthError why) {
    return new Result(image, why.text());
  }

  private static Result tooMany(AuthImage image, String what, int max) {
    return new Result(image, "quorate: there are " + max + " " + what + " already");
  }

  private static Result enable(AuthImage image) {
    if (image.enabled()) {
      return done(image);
    }
    User root = image.users().get(ROOT);
    if (root == null) {
      return refused(image, AuthError.ROOT_USER_NOT_EXIST);
    }
    return root.isRoot()
        ? done(image.withEnabled(true))
        : refused(image, AuthError.ROOT_ROLE_NOT_EXIST);
  }

  private static Result addUser(AuthImage image, AuthUserAddRequest add) {
    String name = add.getName();
    if (name.isEmpty()) {
      return refused(image, AuthError.USER_EMPTY);
    }
    if (image.users().containsKey(name)) {
      return refused(image, AuthError.USER_ALREADY_EXISTS);
    }
    if (name.length() > NAME_CHARS_MAX) {
      return new Result(image, "quorate: a name has at most " + NAME_CHARS_MAX + " characters");
    }
    if (image.users().size() >= NAMES_MAX) {
      return tooMany(image, "users", NAMES_MAX);
    }
    return done(image.with(new User(
        name,
        add.getHashedPassword(),
        add.getOptions().getNoPassword(),
        new TreeSet<>(),
        image.revision() + 1)));
  }

  private static Result deleteUser(AuthImage image, String name) {
    if (image.enabled() && name.equals(ROOT)) {
      return refused(image, AuthError.INVALID_MANAGEMENT);
    }
    return image.users().containsKey(name)
        ? done(image.withoutUser(name))
        : refused(image, AuthError.USER_NOT_FOUND);
  }

  private static Result changePassword(AuthImage image, AuthUserChangePasswordRequest change) {
    User user = image.users().get(change.getName());
    if (user == null) {
      return refused(image, AuthError.USER_NOT_FOUND);
    }
    return done(image.with(user.withPassword(change.getHashedPassword(), image.revision() + 1)));
  }

  private static Result grantRole(AuthImage image, AuthUserGrantRoleRequest grant) {
    User user = image.users().get(grant.getUser());
    if (user == null) {
      return refused(image, AuthError.USER_NOT_FOUND);
    }
    if (!grant.getRole().equals(ROOT) && !image.roles().containsKey(grant.getRole())) {
      return refused(image, AuthError.ROLE_NOT_FOUND);
    }
    return user.roles().contains(grant.getRole())
        ? done(image)
        : done(image.with(user.withRole(grant.getRole())));
  }

  private static Result revokeRole(AuthImage image, AuthUserRevokeRoleRequest revoke) {
    if (image.enabled() && revoke.getName().equals(ROOT) && revoke.getRole().equals(ROOT)) {
      return refused(image, AuthError.INVALID_MANAGEMENT);
    }
    User user = image.users().get(revoke.getName());
    if (user == null) {
      return refused(image, AuthError.USER_NOT_FOUND);
    }
    return user.roles().contains(revoke.getRole())
        ? done(image.with(user.withoutRole(revoke.getRole())))
        : refused(image, AuthError.ROLE_NOT_GRANTED);
  }

  private static Result addRole(AuthImage image, String name) {
    if (name.isEmpty()) {
      return refused(image, AuthError.ROLE_EMPTY);
    }
    if (image.roles().containsKey(name)) {
      return refused(image, AuthError.ROLE_ALREADY_EXISTS);
    }
    if (name.length() > NAME_CHARS_MAX) {
      return new Result(image, "quorate: a name has at most " + NAME_CHARS_MAX + " characters");
    }
    return image.roles().size() >= NAMES_MAX
        ? tooMany(image, "roles", NAMES_MAX)
        : done(image.with(new Role(name, List.of())));
  }

  private static Result deleteRole(AuthImage image, String name) {
    if (image.enabled() && name.equals(ROOT)) {
      return refused(image, AuthError.INVALID_MANAGEMENT);
    }
    return image.roles().containsKey(name)
        ? done(image.withoutRole(name))
        : refused(image, AuthError.ROLE_NOT_FOUND);
  }

  private static Result grant(AuthImage image, AuthRoleGrantPermissionRequest grant) {
    if (!grant.hasPerm()) {
      return refused(image, AuthError.PERMISSION_NOT_GIVEN);
    }
    Permission permission = grant.getPerm();
    if (!isRange(permission.getKey(), permission.getRangeEnd())) {
      return refused(image, AuthError.INVALID_MANAGEMENT);
    }
    Role role = image.roles().get(grant.getName());
    if (role == null) {
      return refused(image, AuthError.ROLE_NOT_FOUND);
    }
    Role granted = role.granted(permission);
    return granted.permissions().size() > PERMISSIONS_MAX
        ? tooMany(image, "permissions of the role", PERMISSIONS_MAX)
        : done(image.with(granted));
  }

  private static boolean isRange(ByteString key, ByteString end) {
    return !key.isEmpty()
        && (end.isEmpty()
            || end.equals(OPEN)
            || ByteString.unsignedLexicographicalComparator().compare(key, end) < 0);
  }

  private static Result revoke(AuthImage image, AuthRoleRevokePermissionRequest revoke) {
    Role role = image.roles().get(revoke.getRole());
    if (role == null) {
      return refused(image, AuthError.ROLE_NOT_FOUND);
    }
    Role left = role.revoked(revoke.getKey(), revoke.getRangeEnd());
    return left == role ? refused(image, AuthError.PERMISSION_NOT_GRANTED) : done(image.with(left));
  }
}
