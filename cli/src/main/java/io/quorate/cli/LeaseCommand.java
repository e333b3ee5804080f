package io.quorate.cli;

import io.quorate.client.QuorateClient;
import io.quorate.client.lease.Lease;
import io.quorate.client.lease.LeaseLoss;
import io.quorate.client.lease.LeaseStatus;
import io.quorate.client.lease.Session;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quorate lease …}. */
@Command(
    name = "lease",
    description = {
      "Grants, keeps and revokes leases: keys put under one go with it.",
      "Ids are hexadecimal, as these commands print them."
    })
final class LeaseCommand implements Runnable {
  private static final int HEX = 16;

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "a command is missing: grant, revoke, keep-alive, timetolive or list");
  }

  /** An id as people give it. */
  static long id(String text) {
    try {
      return Long.parseUnsignedLong(text, HEX);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is no lease id: up to 16 hexadecimal digits", e);
    }
  }

  private static String text(long id) {
    return Long.toHexString(id);
  }

  private static Map<String, Object> json(long id) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", id);
    json.put("id_hex", text(id));
    return json;
  }

  @Command(
      name = "grant",
      description = "Grants a lease and prints its id and the seconds it lives.")
  int grant(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Parameters(
              paramLabel = "TTL",
              description = "Seconds; at least 2 are granted, more than 9000000000 are refused.")
          long ttl,
      @Option(
              names = "--id",
              paramLabel = "ID",
              defaultValue = "0",
              description = "An id that is not in use. Default: the cluster chooses.")
          String id) {
    Lease lease =
        cluster.withClient(client -> client.leases().grant(ttl, id(id)).join());
    Map<String, Object> json = json(lease.id());
    json.put("ttl", lease.ttlSeconds());
    json.put("revision", lease.revision());
    output.print(
        json, out -> out.println("lease " + text(lease.id()) + ", " + lease.ttlSeconds() + " s"));
    return ExitCode.OK;
  }

  @Command(name = "revoke", description = "Ends a lease; all its keys are gone when this returns.")
  int revoke(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Parameters(paramLabel = "ID", description = "As 'lease list' prints it.") String id) {
    cluster.withClient(client -> client.leases().revoke(id(id)).join());
    output.print(json(id(id)), out -> out.println("lease " + text(id(id)) + " revoked"));
    return ExitCode.OK;
  }

  @Command(
      name = "keep-alive",
      description = {
        "Keeps a lease alive until this command is ended (Ctrl-C), then leaves it to its time.",
        "Exits with 1 if there is no such lease, or once it is lost."
      })
  int keepAlive(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Parameters(paramLabel = "ID", description = "As 'lease list' prints it.") String id,
      @Option(names = "--once", description = "Keep it alive once and exit.") boolean once) {
    return cluster.withClient(client -> {
      long lease = id(id);
      long ttl = client.leases().keepAliveOnce(lease).join();
      Map<String, Object> json = json(lease);
      json.put("ttl", ttl);
      output.print(
          json,
          out -> out.println(
              ttl == 0
                  ? "lease " + text(lease) + " is not there"
                  : "lease " + text(lease) + " kept alive, " + ttl + " s"));
      return ttl == 0 ? ExitCode.NO : once ? ExitCode.OK : keep(client, lease, output);
    });
  }

  private static int keep(QuorateClient client, long lease, Output output) {
    Session session = client.leases().keepAlive(lease).join();
    LeaseLoss why = session.lost().join();
    Map<String, Object> json = json(lease);
    json.put("lost", why.name().toLowerCase(java.util.Locale.ROOT));
    output.print(
        json,
        out -> out.println("lease " + text(lease)
            + (why == LeaseLoss.GONE
                ? " is gone"
                : " may be gone: nobody answered for as long as it lives")));
    return ExitCode.NO;
  }

  @Command(
      name = "timetolive",
      description = "Prints what is left of a lease; exits with 1 if there is no such lease.")
  int timeToLive(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Parameters(paramLabel = "ID", description = "As 'lease list' prints it.") String id,
      @Option(names = "--keys", description = "Print its keys, too.") boolean keys) {
    LeaseStatus status =
        cluster.withClient(client -> client.leases().timeToLive(id(id), keys).join());
    Map<String, Object> json = json(status.id());
    json.put("ttl", status.ttlSeconds());
    json.put("granted_ttl", status.grantedTtlSeconds());
    if (keys) {
      json.put("keys", status.keys().stream().map(cluster::text).toList());
    }
    output.print(json, out -> {
      if (status.exists()) {
        out.println("lease " + text(status.id()) + ", " + status.ttlSeconds() + " s left of "
            + status.grantedTtlSeconds() + " s");
        status.keys().forEach(key -> out.println(cluster.text(key)));
      } else {
        out.println("lease " + text(status.id()) + " is not there");
      }
    });
    return status.exists() ? ExitCode.OK : ExitCode.NO;
  }

  @Command(name = "list", description = "Prints the ids of all leases.")
  int list(@Mixin ClientOptions cluster, @Mixin Output output) {
    List<Long> all = cluster.withClient(client -> client.leases().list().join());
    output.print(
        all.stream().map(LeaseCommand::json).toList(),
        out -> all.forEach(id -> out.println(text(id))));
    return ExitCode.OK;
  }
}
