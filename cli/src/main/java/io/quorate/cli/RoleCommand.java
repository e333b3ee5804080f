package io.quorate.cli;

import io.quorate.model.Bytes;
import io.quorate.proto.AdministerResponse;
import io.quorate.proto.etcd.AuthRoleAddRequest;
import io.quorate.proto.etcd.AuthRoleDeleteRequest;
import io.quorate.proto.etcd.AuthRoleGetRequest;
import io.quorate.proto.etcd.AuthRoleGrantPermissionRequest;
import io.quorate.proto.etcd.AuthRoleListRequest;
import io.quorate.proto.etcd.AuthRoleRevokePermissionRequest;
import io.quorate.proto.etcd.auth.Permission;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quorate role …}: what users with a role may do. */
@Command(name = "role", description = "Show and change what users with a role may read and write.")
final class RoleCommand implements Runnable {
  private static final Bytes OPEN = Bytes.wrap(new byte[1]);

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "a command is missing: add, delete, get, list, grant-permission or revoke-permission");
  }

  /** Which keys are meant. Filled in by picocli. */
  static final class Keys {
    @Option(names = "--prefix", description = "All keys that begin with KEY.")
    private boolean prefix;

    @Option(names = "--from-key", description = "KEY and all keys behind it.")
    private boolean fromKey;

    @Option(names = "--end", paramLabel = "KEY", description = "First key that is not meant.")
    private @Nullable String end;

    private Bytes end(ClientOptions cluster, Bytes key) {
      if ((prefix ? 1 : 0) + (fromKey ? 1 : 0) + (end == null ? 0 : 1) > 1) {
        throw new IllegalArgumentException("give one of --prefix, --from-key and --end");
      }
      if (prefix) {
        Bytes after = key.prefixEnd();
        return after.isEmpty() ? OPEN : after;
      }
      return fromKey ? OPEN : end == null ? Bytes.EMPTY : cluster.bytes(end);
    }
  }

  @Command(name = "add", description = "A new role, that may do nothing yet.")
  int add(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Parameters(paramLabel = "ROLE", description = "A name.") String role) {
    Administration.ask(
        cluster, call -> call.setRoleAdd(AuthRoleAddRequest.newBuilder().setName(role)));
    return Administration.done(output, "role", role, "added");
  }

  @Command(name = "delete", description = "Nobody has the role any more.")
  int delete(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Parameters(paramLabel = "ROLE", description = "As it was added.") String role) {
    Administration.ask(
        cluster, call -> call.setRoleDelete(AuthRoleDeleteRequest.newBuilder().setRole(role)));
    return Administration.done(output, "role", role, "deleted");
  }

  @Command(name = "get", description = "Prints what the role may do.")
  int get(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Parameters(paramLabel = "ROLE", description = "As it was added.") String role) {
    AdministerResponse told = Administration.ask(
        cluster, call -> call.setRoleGet(AuthRoleGetRequest.newBuilder().setRole(role)));
    List<Map<String, Object>> permissions = told.getPermissionsList().stream()
        .map(permission -> json(cluster, permission))
        .toList();
    output.print(Map.of("role", role, "permissions", permissions), out -> {
      for (Permission each : told.getPermissionsList()) {
        Bytes end = Bytes.of(each.getRangeEnd());
        String until = end.isEmpty()
            ? ""
            : end.equals(OPEN) ? " and all behind it" : " to " + cluster.text(end);
        out.println(each.getPermType() + " " + cluster.text(Bytes.of(each.getKey())) + until);
      }
    });
    return ExitCode.OK;
  }

  private static Map<String, Object> json(ClientOptions cluster, Permission permission) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("type", permission.getPermType().name());
    cluster.put(json, "key", Bytes.of(permission.getKey()));
    cluster.put(json, "range_end", Bytes.of(permission.getRangeEnd()));
    return json;
  }

  @Command(name = "list", description = "Prints all roles.")
  int list(@Mixin ClientOptions cluster, @Mixin Output output) {
    return Administration.names(
        cluster,
        output,
        "roles",
        call -> call.setRoleList(AuthRoleListRequest.getDefaultInstance()));
  }

  @Command(name = "grant-permission", description = "The role may read or write keys.")
  int grantPermission(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Mixin Keys keys,
      @Parameters(paramLabel = "ROLE", description = "As it was added.") String role,
      @Parameters(paramLabel = "TYPE", description = "read, write or readwrite.")
          Permission.Type type,
      @Parameters(paramLabel = "KEY", description = "The key, or the first one.") String key) {
    Bytes first = cluster.bytes(key);
    Administration.ask(
        cluster,
        call -> call.setGrantPermission(AuthRoleGrantPermissionRequest.newBuilder()
            .setName(role)
            .setPerm(Permission.newBuilder()
                .setPermType(type)
                .setKey(first.toByteString())
                .setRangeEnd(keys.end(cluster, first).toByteString()))));
    return Administration.done(output, "role", role, "may " + type.name().toLowerCase(Locale.ROOT));
  }

  @Command(name = "revoke-permission", description = "Takes a permission back, as it was granted.")
  int revokePermission(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Mixin Keys keys,
      @Parameters(paramLabel = "ROLE", description = "As it was added.") String role,
      @Parameters(paramLabel = "KEY", description = "The key, or the first one.") String key) {
    Bytes first = cluster.bytes(key);
    Administration.ask(
        cluster,
        call -> call.setRevokePermission(AuthRoleRevokePermissionRequest.newBuilder()
            .setRole(role)
            .setKey(first.toByteString())
            .setRangeEnd(keys.end(cluster, first).toByteString())));
    return Administration.done(output, "role", role, "has that permission no more");
  }
}
