package io.quorate.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.AdministerRequest;
import io.quorate.proto.etcd.AuthEnableRequest;
import io.quorate.proto.etcd.AuthRoleAddRequest;
import io.quorate.proto.etcd.AuthRoleDeleteRequest;
import io.quorate.proto.etcd.AuthRoleGrantPermissionRequest;
import io.quorate.proto.etcd.AuthRoleRevokePermissionRequest;
import io.quorate.proto.etcd.AuthUserAddRequest;
import io.quorate.proto.etcd.AuthUserDeleteRequest;
import io.quorate.proto.etcd.AuthUserGrantRoleRequest;
import io.quorate.proto.etcd.AuthUserRevokeRoleRequest;
import io.quorate.proto.etcd.auth.Permission;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random users, roles and ranges, against a model that knows ten keys and asks each grant about each of them. */
class JudgeProperties {
  private static final int KEYS = 10;

  private static ByteString key(int number) {
    return ByteString.copyFromUtf8(String.valueOf((char) ('a' + number)));
  }

  private static AdministerRequest call(Consumer<AdministerRequest.Builder> set) {
    AdministerRequest.Builder request = AdministerRequest.newBuilder();
    set.accept(request);
    return request.build();
  }

  private static AdministerRequest draw(Random random) {
    String user = "u" + random.nextInt(3);
    String role = "r" + random.nextInt(3);
    int from = random.nextInt(KEYS);
    ByteString end = switch (random.nextInt(4)) {
      case 0 -> ByteString.EMPTY;
      case 1 -> ByteString.copyFrom(new byte[1]);
      default -> key(from + 1 + random.nextInt(3));
    };
    return call(request -> {
      switch (random.nextInt(8)) {
        case 0 -> request.setUserAdd(AuthUserAddRequest.newBuilder().setName(user));
        case 1 -> request.setRoleAdd(AuthRoleAddRequest.newBuilder().setName(role));
        case 2, 3 ->
          request.setGrantRole(
              AuthUserGrantRoleRequest.newBuilder().setUser(user).setRole(role));
        case 4 ->
          request.setRevokeRole(
              AuthUserRevokeRoleRequest.newBuilder().setName(user).setRole(role));
        case 5 ->
          request.setRevokePermission(AuthRoleRevokePermissionRequest.newBuilder()
              .setRole(role)
              .setKey(key(from))
              .setRangeEnd(end));
        default ->
          request.setGrantPermission(AuthRoleGrantPermissionRequest.newBuilder()
              .setName(role)
              .setPerm(Permission.newBuilder()
                  .setPermTypeValue(random.nextInt(3))
                  .setKey(key(from))
                  .setRangeEnd(end)));
      }
    });
  }

  private static boolean grants(Permission permission, ByteString key, boolean writes) {
    Permission.Type type = permission.getPermType();
    boolean fits = type == Permission.Type.READWRITE
        || type == (writes ? Permission.Type.WRITE : Permission.Type.READ);
    if (!fits) {
      return false;
    }
    Bytes asked = Bytes.of(key);
    Bytes first = Bytes.of(permission.getKey());
    if (permission.getRangeEnd().isEmpty()) {
      return asked.equals(first);
    }
    boolean open = permission.getRangeEnd().equals(ByteString.copyFrom(new byte[1]));
    return asked.compareTo(first) >= 0
        && (open || asked.compareTo(Bytes.of(permission.getRangeEnd())) < 0);
  }

  private static boolean mayByModel(AuthImage image, String user, int key, boolean writes) {
    return image.users().get(user).roles().stream()
        .flatMap(role -> image.roles().get(role).permissions().stream())
        .anyMatch(permission -> grants(permission, key(key), writes));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void singleKeysAreJudgedAsTheModelDoes(long seed) {
    Random random = new Random(seed);
    AuthImage image = AuthImage.EMPTY;
    for (int step = 0; step < 120; step++) {
      AuthImage before = image;
      AuthChange.Result result = AuthChange.apply(image, draw(random));
      image = result.image();
      if (!result.refusal().isEmpty()) {
        assertThat(image).isSameAs(before);
      } else if (image != before) {
        assertThat(image.revision()).isEqualTo(before.revision() + 1);
      }
      assertThat(AuthImage.of(image.message(true))).isEqualTo(image);
    }
    Judge judge = new Judge(image.withEnabled(true));
    for (String user : image.users().keySet()) {
      Principal who = Principal.user(user, image.revision());
      for (int key = 0; key < KEYS; key++) {
        KeyRange single = KeyRange.single(Bytes.of(key(key)));
        assertThat(judge.refusalToRead(who, single).isEmpty())
            .as("%s reads %s", user, single)
            .isEqualTo(mayByModel(image, user, key, false));
        assertThat(judge.refusalToWrite(who, single).isEmpty())
            .as("%s writes %s", user, single)
            .isEqualTo(mayByModel(image, user, key, true));
      }
    }
  }

  @Test
  void aRangeIsCoveredByGrantsThatTouchAndNotByOnesWithAHole() {
    List<AdministerRequest> calls = new ArrayList<>();
    calls.add(call(c -> c.setUserAdd(AuthUserAddRequest.newBuilder().setName("u"))));
    calls.add(call(c -> c.setRoleAdd(AuthRoleAddRequest.newBuilder().setName("r"))));
    calls.add(call(
        c -> c.setGrantRole(AuthUserGrantRoleRequest.newBuilder().setUser("u").setRole("r"))));
    calls.add(read("a", "c"));
    calls.add(read("c", "e"));
    calls.add(read("f", "\0"));
    AuthImage image = AuthImage.EMPTY;
    for (AdministerRequest each : calls) {
      image = AuthChange.apply(image, each).image();
    }
    Judge judge = new Judge(image.withEnabled(true));
    Principal who = Principal.user("u", image.revision());
    assertThat(judge.refusalToRead(who, range("a", "e"))).isEmpty();
    assertThat(judge.refusalToRead(who, range("b", "d"))).isEmpty();
    assertThat(judge.refusalToRead(who, range("g", ""))).isEmpty();
    assertThat(judge.refusalToRead(who, range("a", "f"))).contains(AuthError.PERMISSION_DENIED);
    assertThat(judge.refusalToRead(who, range("a", ""))).contains(AuthError.PERMISSION_DENIED);
    assertThat(judge.refusalToRead(who, KeyRange.ALL)).contains(AuthError.PERMISSION_DENIED);
    assertThat(judge.refusalToWrite(who, range("a", "b"))).contains(AuthError.PERMISSION_DENIED);
    assertThat(judge.refusalToRead(Principal.SYSTEM, KeyRange.ALL)).isEmpty();
    assertThat(judge.refusalToRead(Principal.ANONYMOUS, range("a", "b")))
        .contains(AuthError.USER_EMPTY);
    assertThat(judge.refusalToRead(Principal.UNPROVEN, range("a", "b")))
        .contains(AuthError.INVALID_TOKEN);
  }

  private static AdministerRequest read(String from, String end) {
    return call(c -> c.setGrantPermission(AuthRoleGrantPermissionRequest.newBuilder()
        .setName("r")
        .setPerm(Permission.newBuilder()
            .setKey(ByteString.copyFromUtf8(from))
            .setRangeEnd(ByteString.copyFromUtf8(end)))));
  }

  private static KeyRange range(String from, String end) {
    return KeyRange.of(Bytes.utf8(from), Bytes.utf8(end));
  }

  @Test
  void whoeverHasRootMayDoAllAndEverybodyWhileNobodyIsAsked() {
    AuthImage image = AuthImage.EMPTY;
    assertThat(
            AuthChange.apply(image, call(c -> c.setEnable(AuthEnableRequest.getDefaultInstance())))
                .refusal())
        .isEqualTo("etcdserver: root user does not exist");
    image = AuthChange.apply(
            image, call(c -> c.setUserAdd(AuthUserAddRequest.newBuilder().setName("root"))))
        .image();
    assertThat(
            AuthChange.apply(image, call(c -> c.setEnable(AuthEnableRequest.getDefaultInstance())))
                .refusal())
        .isEqualTo("etcdserver: root user does not have root role");
    assertThat(new Judge(image).refusalToAdminister(Principal.ANONYMOUS)).isEmpty();
    image = AuthChange.apply(
            image,
            call(c -> c.setGrantRole(
                AuthUserGrantRoleRequest.newBuilder().setUser("root").setRole("root"))))
        .image();
    image = AuthChange.apply(image, call(c -> c.setEnable(AuthEnableRequest.getDefaultInstance())))
        .image();
    Principal root = Principal.user("root", image.revision());
    Judge judge = new Judge(image);
    assertThat(judge.refusalToAdminister(root)).isEmpty();
    assertThat(judge.refusalToWrite(root, KeyRange.ALL)).isEmpty();
    assertThat(judge.refusalToAdminister(Principal.ANONYMOUS)).contains(AuthError.USER_EMPTY);
  }

  @Test
  void aTokenOfAFormerUserOfTheNameIsVoid() {
    AuthImage image = AuthImage.EMPTY;
    image = AuthChange.apply(
            image, call(c -> c.setUserAdd(AuthUserAddRequest.newBuilder().setName("u"))))
        .image();
    Principal old = Principal.user("u", image.revision());
    image = AuthChange.apply(
            image, call(c -> c.setUserDelete(AuthUserDeleteRequest.newBuilder().setName("u"))))
        .image();
    assertThat(new Judge(image.withEnabled(true)).refusal(old)).contains(AuthError.INVALID_TOKEN);
    image = AuthChange.apply(
            image, call(c -> c.setUserAdd(AuthUserAddRequest.newBuilder().setName("u"))))
        .image();
    assertThat(new Judge(image.withEnabled(true)).refusal(old)).contains(AuthError.INVALID_TOKEN);
  }

  @Test
  void aRepeatOfTheLastChangeIsKnown() {
    AdministerRequest add =
        call(c -> c.setNonce(7).setRoleAdd(AuthRoleAddRequest.newBuilder().setName("r")));
    AuthImage image = AuthChange.apply(AuthImage.EMPTY, add).image();
    AuthChange.Result again = AuthChange.apply(image, add);
    assertThat(again.refusal()).isEmpty();
    assertThat(again.image()).isSameAs(image);
    AdministerRequest delete =
        call(c -> c.setRoleDelete(AuthRoleDeleteRequest.newBuilder().setRole("r")));
    assertThat(AuthChange.apply(image, delete).image().roles()).isEmpty();
  }
}
