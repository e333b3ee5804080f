package io.quorate.cli;

import io.quorate.client.QuorateClient;
import io.quorate.client.lease.Session;
import io.quorate.client.recipe.FairLock;
import io.quorate.client.recipe.Held;
import io.quorate.client.recipe.Loss;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quorate lock}. Main waits; a lock that is lost ends the command that runs under it. */
@Command(
    name = "lock",
    description = {
      "Waits for a lock, prints its key and its token (a revision), and holds it until this command is interrupted,",
      "or, if a command is given, as long as that runs; the exit status is then the command's.",
      "Exits with 1 if the lock is lost; a command that still runs is ended then."
    })
final class LockCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "NAME", description = "Whose lock; its keys lie under it.")
  private String name = "";

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "COMMAND",
      description =
          "Run with QUORATE_LOCK_KEY and QUORATE_LOCK_REV set. Put -- before its own options.")
  private List<String> command = List.of();

  @Option(
      names = "--ttl",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description = "Others wait so long when this process dies. Default: ${DEFAULT-VALUE}.")
  private long ttl;

  @Mixin
  private ClientOptions cluster = new ClientOptions();

  @Mixin
  private Output output = new Output();

  @Override
  public Integer call() {
    return cluster.withClient(this::hold);
  }

  private int hold(QuorateClient client) {
    Session session = client.leases().session(ttl).join();
    try (Interruption interruption = Interruption.of(session)) {
      Held held = new FairLock(client, cluster.bytes(name)).acquire(session).join();
      Map<String, Object> json = new LinkedHashMap<>();
      cluster.put(json, "key", held.key());
      json.put("token", held.token());
      output.print(json, out -> out.println(cluster.text(held.key()) + "\t" + held.token()));
      int status = command.isEmpty() ? lost(held) : run(held);
      return interruption.hasCome() ? ExitCode.OK : status;
    } finally {
      session.close();
    }
  }

  private int lost(Held held) {
    Loss why = held.lost().join();
    if (why != Loss.SESSION_CLOSED) {
      output.print(
          Map.of("lost", why.name().toLowerCase(Locale.ROOT)),
          out -> out.println("lost: " + why.name().toLowerCase(Locale.ROOT).replace('_', ' ')));
    }
    return ExitCode.NO;
  }

  private int run(Held held) {
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    for (String whose : List.of("QUORATE", "ETCD")) {
      builder.environment().put(whose + "_LOCK_KEY", cluster.raw(held.key()));
      builder.environment().put(whose + "_LOCK_REV", Long.toString(held.token()));
    }
    try {
      Process process = builder.start();
      // Whoever has lost the lock must not go on as if he had it.
      var unused = held.lost().thenAccept(why -> process.destroy());
      int status = process.waitFor();
      boolean kept = held.isHeld();
      held.release().join();
      return kept ? status : ExitCode.NO;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitCode.NO;
    }
  }
}
