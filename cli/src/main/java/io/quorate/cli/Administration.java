package io.quorate.cli;

import io.quorate.proto.AdministerRequest;
import io.quorate.proto.AdministerResponse;
import java.util.Map;
import java.util.function.Consumer;

/** Asks PD about users and roles and prints what came of it; for {@code user} and {@code role}, on the thread of the command. */
final class Administration {
  private Administration() {}

  static AdministerResponse ask(ClientOptions cluster, Consumer<AdministerRequest.Builder> call) {
    AdministerRequest.Builder request = AdministerRequest.newBuilder();
    call.accept(request);
    return cluster.withPlacement(pd -> pd.auth().administer(request.build()).join());
  }

  /** Prints what is true now of the user or role of that name. */
  static int done(Output output, String kind, String name, String what) {
    output.print(Map.of(kind, name), out -> out.println(kind + " " + name + " " + what));
    return ExitCode.OK;
  }

  /** Prints the names that the call answers with. */
  static int names(
      ClientOptions cluster,
      Output output,
      String kinds,
      Consumer<AdministerRequest.Builder> call) {
    AdministerResponse told = ask(cluster, call);
    output.print(
        Map.of(kinds, told.getNamesList()), out -> told.getNamesList().forEach(out::println));
    return ExitCode.OK;
  }
}
