package io.quorate.cli;

import io.quorate.client.KeyValue;
import io.quorate.client.QuorateClient;
import io.quorate.client.lease.Session;
import io.quorate.client.recipe.CachedPrefix;
import io.quorate.client.recipe.Election;
import io.quorate.client.recipe.Held;
import io.quorate.client.recipe.Loss;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quorate elect}. Main waits; leaders are printed on the client's callback threads. */
@Command(
    name = "elect",
    description = {
      "Campaigns with a value, prints the key and its token once it leads, and leads until it is interrupted.",
      "With --listen: prints each leader, until it is interrupted. Exits with 1 if the leadership is lost."
    })
final class ElectCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "NAME", description = "Of the election.")
  private String name = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "VALUE",
      description = "What the leader tells.")
  private Optional<String> value = Optional.empty();

  @Option(
      names = {"-l", "--listen"},
      description = "Only print who leads.")
  private boolean listen;

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
    if (listen == value.isPresent()) {
      throw new ParameterException(
          spec.commandLine(), "give a value to campaign with, or --listen, and not both");
    }
    return cluster.withClient(client -> {
      Election election = new Election(client, cluster.bytes(name));
      return listen ? follow(election) : lead(client, election, value.orElseThrow());
    });
  }

  private int lead(QuorateClient client, Election election, String proposal) {
    Session session = client.leases().session(ttl).join();
    try (Interruption interruption = Interruption.of(session)) {
      Held held = election.campaign(session, cluster.bytes(proposal)).join();
      Map<String, Object> json = new LinkedHashMap<>();
      cluster.put(json, "key", held.key());
      json.put("token", held.token());
      cluster.put(json, "value", cluster.bytes(proposal));
      output.print(
          json,
          out -> out.println(cluster.text(held.key()) + "\t" + held.token() + "\t" + proposal));
      Loss why = held.lost().join();
      if (interruption.hasCome()) {
        return ExitCode.OK;
      }
      String words = why.name().toLowerCase(Locale.ROOT);
      output.print(Map.of("lost", words), out -> out.println("lost: " + words.replace('_', ' ')));
      return ExitCode.NO;
    } finally {
      session.close();
    }
  }

  private int follow(Election election) {
    CompletableFuture<Integer> ended = new CompletableFuture<>();
    CachedPrefix observed =
        election.observe(this::print, ended::completeExceptionally).join();
    try {
      return ended.join();
    } finally {
      observed.close();
    }
  }

  private void print(Optional<KeyValue> leader) {
    if (leader.isEmpty()) {
      output.print(Map.of("leader", false), out -> out.println("nobody leads"));
      return;
    }
    KeyValue kv = leader.get();
    Map<String, Object> json = new LinkedHashMap<>();
    cluster.put(json, "key", kv.key());
    json.put("token", kv.createRevision());
    cluster.put(json, "value", kv.value());
    output.print(
        json,
        out -> out.println(
            cluster.text(kv.key()) + "\t" + kv.createRevision() + "\t" + cluster.text(kv.value())));
  }
}
