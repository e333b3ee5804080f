package io.quorate.auth;

import com.google.protobuf.ByteString;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.etcd.auth.Permission;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Says of each principal what it may do by one {@link AuthImage} (etcd server/auth/store.go, isOpPermitted; range_perm_cache.go).
 * Any thread; keeps what it worked out of each user, of whom the image bounds the number.
 */
public final class Judge {
  private static final ByteString OPEN = ByteString.copyFrom(new byte[1]);

  private final AuthImage image;
  private final Map<String, Reach> reaches = new ConcurrentHashMap<>();

  /** What a user reaches. */
  private record Reach(KeySpans read, KeySpans write) {}

  public Judge(AuthImage image) {
    this.image = image;
  }

  public AuthImage image() {
    return image;
  }

  /** Why the principal may do nothing at all; empty if it is somebody, or nobody is asked. */
  public Optional<AuthError> refusal(Principal who) {
    if (!image.enabled() || who.isSystem()) {
      return Optional.empty();
    }
    if (who.kind() == Principal.Kind.ANONYMOUS) {
      return Optional.of(AuthError.USER_EMPTY);
    }
    if (who.kind() == Principal.Kind.UNPROVEN) {
      return Optional.of(AuthError.INVALID_TOKEN);
    }
    User user = image.users().get(who.name());
    if (user == null) {
      return Optional.of(
          who.since() == Long.MAX_VALUE ? AuthError.PERMISSION_DENIED : AuthError.INVALID_TOKEN);
    }
    return who.since() < user.since() ? Optional.of(AuthError.INVALID_TOKEN) : Optional.empty();
  }

  /** Why the principal may not read the keys; empty if it may. */
  public Optional<AuthError> refusalToRead(Principal who, KeyRange range) {
    return of(who, range, /* writes= */ false);
  }

  /** Why the principal may not write the keys; empty if it may. */
  public Optional<AuthError> refusalToWrite(Principal who, KeyRange range) {
    return of(who, range, /* writes= */ true);
  }

  private Optional<AuthError> of(Principal who, KeyRange range, boolean writes) {
    Optional<AuthError> refusal = refusal(who);
    if (refusal.isPresent() || isRoot(who) || range.isEmpty()) {
      return refusal;
    }
    Reach reach = reaches.computeIfAbsent(who.name(), this::reach);
    return (writes ? reach.write() : reach.read()).covers(range)
        ? Optional.empty()
        : Optional.of(AuthError.PERMISSION_DENIED);
  }

  /** Why the principal may not do what only root may; empty if it may. */
  public Optional<AuthError> refusalToAdminister(Principal who) {
    Optional<AuthError> refusal = refusal(who);
    return refusal.isPresent() || isRoot(who) ? refusal : Optional.of(AuthError.PERMISSION_DENIED);
  }

  /** Of one who is not refused: whether nothing is forbidden to it. */
  private boolean isRoot(Principal who) {
    if (!image.enabled() || who.isSystem()) {
      return true;
    }
    User user = image.users().get(who.name());
    return user != null && user.isRoot();
  }

  private Reach reach(String name) {
    List<KeyRange> read = new ArrayList<>();
    List<KeyRange> write = new ArrayList<>();
    User user = image.users().get(name);
    if (user != null) {
      for (String role : user.roles()) {
        Role known = image.roles().get(role);
        if (known != null) {
          known.permissions().forEach(each -> add(each, read, write));
        }
      }
    }
    return new Reach(KeySpans.of(read), KeySpans.of(write));
  }

  private static void add(Permission permission, List<KeyRange> read, List<KeyRange> write) {
    Bytes key = Bytes.of(permission.getKey());
    ByteString end = permission.getRangeEnd();
    KeyRange range = end.isEmpty()
        ? KeyRange.single(key)
        : KeyRange.of(key, end.equals(OPEN) ? Bytes.EMPTY : Bytes.of(end));
    switch (permission.getPermType()) {
      case READ -> read.add(range);
      case WRITE -> write.add(range);
      case READWRITE -> {
        read.add(range);
        write.add(range);
      }
      case UNRECOGNIZED -> {
        // Of a later build: gives nothing.
      }
    }
  }
}
