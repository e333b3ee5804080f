package io.quorate.auth;

import com.google.protobuf.ByteString;
import io.quorate.proto.etcd.auth.Permission;
import java.util.ArrayList;
import java.util.List;

/**
 * What its users may do. Immutable.
 *
 * @param name unique
 * @param permissions ordered by key and end; one per range
 */
public record Role(String name, List<Permission> permissions) {
  public Role {
    permissions = List.copyOf(permissions);
  }

  /** With a permission, which takes the place of one of the same range. */
  Role granted(Permission permission) {
    List<Permission> all = new ArrayList<>(permissions);
    all.removeIf(known -> isOf(known, permission.getKey(), permission.getRangeEnd()));
    all.add(permission);
    all.sort(Role::compare);
    return new Role(name, all);
  }

  /** Without the permission of that range; the same if there is none. */
  Role revoked(ByteString key, ByteString end) {
    List<Permission> all = new ArrayList<>(permissions);
    return all.removeIf(known -> isOf(known, key, end)) ? new Role(name, all) : this;
  }

  private static boolean isOf(Permission permission, ByteString key, ByteString end) {
    return permission.getKey().equals(key) && permission.getRangeEnd().equals(end);
  }

  private static int compare(Permission left, Permission right) {
    int byKey =
        ByteString.unsignedLexicographicalComparator().compare(left.getKey(), right.getKey());
    return byKey != 0
        ? byKey
        : ByteString.unsignedLexicographicalComparator()
            .compare(left.getRangeEnd(), right.getRangeEnd());
  }
}
