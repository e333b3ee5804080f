package io.quorate.cli;

import io.quorate.proto.AdministerResponse;
import io.quorate.proto.etcd.AuthUserAddRequest;
import io.quorate.proto.etcd.AuthUserChangePasswordRequest;
import io.quorate.proto.etcd.AuthUserDeleteRequest;
import io.quorate.proto.etcd.AuthUserGetRequest;
import io.quorate.proto.etcd.AuthUserGrantRoleRequest;
import io.quorate.proto.etcd.AuthUserListRequest;
import io.quorate.proto.etcd.AuthUserRevokeRoleRequest;
import io.quorate.proto.etcd.auth.UserAddOptions;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quorate user …}: who may log in. */
@Command(
    name = "user",
    description = {
      "Show and change who may log in, and which roles he has.",
      "Nobody is asked who he is before 'quorate auth enable'."
    })
final class UserCommand implements Runnable {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "a command is missing: add, delete, get, list, passwd, grant-role or revoke-role");
  }

  @Command(name = "add", description = "A new user, without roles.")
  int add(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Parameters(
              paramLabel = "NAME[:PASSWORD]",
              description = "Without a password it is asked for.")
          String user,
      @Option(names = "--no-password", description = "Known by a client certificate only.")
          boolean noPassword) {
    String name = Passwords.name(user);
    Administration.ask(
        cluster,
        call -> call.setUserAdd(AuthUserAddRequest.newBuilder()
            .setName(name)
            .setPassword(noPassword ? "" : Passwords.chosen(user))
            .setOptions(UserAddOptions.newBuilder().setNoPassword(noPassword))));
    return Administration.done(output, "user", name, "added");
  }

  @Command(name = "delete", description = "The user is no more; his tokens are void.")
  int delete(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Parameters(paramLabel = "NAME", description = "As it was added.") String name) {
    Administration.ask(
        cluster, call -> call.setUserDelete(AuthUserDeleteRequest.newBuilder().setName(name)));
    return Administration.done(output, "user", name, "deleted");
  }

  @Command(name = "get", description = "Prints the user's roles.")
  int get(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Parameters(paramLabel = "NAME", description = "As it was added.") String name) {
    AdministerResponse told = Administration.ask(
        cluster, call -> call.setUserGet(AuthUserGetRequest.newBuilder().setName(name)));
    output.print(
        Map.of("user", name, "roles", told.getNamesList()),
        out -> out.println("user " + name + ", roles: " + String.join(" ", told.getNamesList())));
    return ExitCode.OK;
  }

  @Command(name = "list", description = "Prints all users.")
  int list(@Mixin ClientOptions cluster, @Mixin Output output) {
    return Administration.names(
        cluster,
        output,
        "users",
        call -> call.setUserList(AuthUserListRequest.getDefaultInstance()));
  }

  @Command(name = "passwd", description = "Another password; older tokens are void.")
  int passwd(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Parameters(
              paramLabel = "NAME[:PASSWORD]",
              description = "Without a password it is asked for.")
          String user) {
    String name = Passwords.name(user);
    Administration.ask(
        cluster,
        call -> call.setChangePassword(AuthUserChangePasswordRequest.newBuilder()
            .setName(name)
            .setPassword(Passwords.chosen(user))));
    return Administration.done(output, "user", name, "has another password");
  }

  @Command(name = "grant-role", description = "The user may do what the role may.")
  int grantRole(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Parameters(paramLabel = "NAME", description = "Of the user.") String name,
      @Parameters(paramLabel = "ROLE", description = "'root' may do everything.") String role) {
    Administration.ask(
        cluster,
        call -> call.setGrantRole(
            AuthUserGrantRoleRequest.newBuilder().setUser(name).setRole(role)));
    return Administration.done(output, "user", name, "has role " + role);
  }

  @Command(name = "revoke-role", description = "The user has the role no more.")
  int revokeRole(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Parameters(paramLabel = "NAME", description = "Of the user.") String name,
      @Parameters(paramLabel = "ROLE", description = "One that he has.") String role) {
    Administration.ask(
        cluster,
        call -> call.setRevokeRole(
            AuthUserRevokeRoleRequest.newBuilder().setName(name).setRole(role)));
    return Administration.done(output, "user", name, "has role " + role + " no more");
  }
}
