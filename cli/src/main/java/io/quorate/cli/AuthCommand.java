package io.quorate.cli;

import io.quorate.proto.AdministerRequest;
import io.quorate.proto.AdministerResponse;
import io.quorate.proto.etcd.AuthDisableRequest;
import io.quorate.proto.etcd.AuthEnableRequest;
import io.quorate.proto.etcd.AuthStatusRequest;
import java.util.Map;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code quorate auth …}: whether anybody is asked who he is. */
@Command(
    name = "auth",
    description = {
      "Whether users must log in. Enabling needs a user 'root' with the role 'root', and --cluster-key on all processes.",
      "From then on every request of every client is judged by users and roles."
    })
final class AuthCommand implements Runnable {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "a command is missing: enable, disable or status");
  }

  private static int ask(
      ClientOptions cluster, Output output, Consumer<AdministerRequest.Builder> call) {
    AdministerResponse told = Administration.ask(cluster, call);
    output.print(
        Map.of("enabled", told.getEnabled(), "auth_revision", told.getAuthRevision()),
        out -> out.println("authentication is "
            + (told.getEnabled() ? "enabled" : "not enabled") + ", auth revision "
            + told.getAuthRevision()));
    return ExitCode.OK;
  }

  @Command(name = "enable", description = "Users must log in from now on.")
  int enable(@Mixin ClientOptions cluster, @Mixin Output output) {
    return ask(cluster, output, call -> call.setEnable(AuthEnableRequest.getDefaultInstance()));
  }

  @Command(name = "disable", description = "Everybody may do everything from now on.")
  int disable(@Mixin ClientOptions cluster, @Mixin Output output) {
    return ask(cluster, output, call -> call.setDisable(AuthDisableRequest.getDefaultInstance()));
  }

  @Command(name = "status", description = "Prints whether users must log in.")
  int status(@Mixin ClientOptions cluster, @Mixin Output output) {
    return ask(cluster, output, call -> call.setStatus(AuthStatusRequest.getDefaultInstance()));
  }
}
