package io.quorate.cli;

import io.quorate.model.StoreId;
import io.quorate.proto.ChangeStoreRequest;
import io.quorate.proto.StoreState;
import io.quorate.proto.StoreStatus;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quorate store …}. */
@Command(
    name = "store",
    description =
        "Run a store; look at the stores of a cluster, empty one, or spare it for a while.",
    subcommands = {StoreRunCommand.class, StoreListCommand.class})
final class StoreCommand implements Runnable {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "a command is missing: run, list, show, drain, undrain, maintenance or why");
  }

  @Command(name = "show", description = "Prints one store and how it stands.")
  int show(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Parameters(paramLabel = "STORE", description = "The store's id.") long id) {
    record Shown(List<StoreStatus> stores, List<String> lines) {}
    Shown shown = cluster.withPlacement(pd -> {
      List<StoreStatus> stores = pd.listStores().join().stream()
          .filter(store -> store.getStore().getStoreId() == id)
          .toList();
      return new Shown(
          stores, stores.isEmpty() ? List.of() : pd.admin().why(new StoreId(id)).join());
    });
    if (shown.stores().isEmpty()) {
      output.print(Map.of(), out -> out.println("no store has the id " + id));
      return ExitCode.NO;
    }
    Map<String, Object> json = StoreListCommand.json(shown.stores().get(0));
    json.put("why", List.copyOf(shown.lines()));
    output.print(json, out -> {
      StoreListCommand.print(out, shown.stores());
      shown.lines().forEach(out::println);
    });
    return ExitCode.OK;
  }

  @Command(
      name = "drain",
      description = {
        "Empties a store for good: its replicas are made anew elsewhere, then it is retired by itself.",
        "'store why' shows what remains and why. Until it is retired, 'store undrain' takes it back. "
            + "A retired store's data directory is of no use any more."
      })
  int drain(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Mixin WaitOptions wait,
      @Parameters(paramLabel = "STORE", description = "The store's id.") long id) {
    return change(
        cluster,
        output,
        id,
        ChangeStoreRequest.Change.DRAIN,
        wait,
        loop -> loop.retired(new StoreId(id)));
  }

  @Command(name = "undrain", description = "A store that is being drained serves again.")
  int undrain(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Parameters(paramLabel = "STORE", description = "The store's id.") long id) {
    return change(
        cluster, output, id, ChangeStoreRequest.Change.UNDO_DRAIN, new WaitOptions(), loop -> true);
  }

  @Command(
      name = "maintenance",
      description = {
        "Spares a store while its host is worked on: its leaders go elsewhere, it gets no replicas, "
            + "and its own are not made anew, however long it is silent.",
        "With --off it serves again."
      })
  int maintenance(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Mixin WaitOptions wait,
      @Parameters(paramLabel = "STORE", description = "The store's id.") long id,
      @Option(names = "--off", description = "The work is done.") boolean off) {
    return change(
        cluster,
        output,
        id,
        off ? ChangeStoreRequest.Change.MAINTENANCE_OFF : ChangeStoreRequest.Change.MAINTENANCE_ON,
        wait,
        loop -> off || loop.leadsNothing(new StoreId(id)));
  }

  @Command(
      name = "why",
      description = {
        "Says how the store stands: whether it gets replicas and leaderships, or why not; its balance; "
            + "and, where it is being emptied, which replicas remain and why."
      })
  int why(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Parameters(paramLabel = "STORE", description = "The store's id.") long id) {
    List<String> lines =
        cluster.withPlacement(pd -> pd.admin().why(new StoreId(id)).join());
    output.print(List.copyOf(lines), out -> lines.forEach(out::println));
    return ExitCode.OK;
  }

  private int change(
      ClientOptions cluster,
      Output output,
      long id,
      ChangeStoreRequest.Change change,
      WaitOptions wait,
      Predicate<WaitLoop> done) {
    record Changed(StoreState state, boolean done) {}
    Changed changed = cluster.withPlacement(pd -> {
      StoreState state = pd.admin().changeStore(new StoreId(id), change).join();
      boolean over = !wait.wanted()
          || done.test(new WaitLoop(pd, spec.commandLine().getErr(), wait.timeout()));
      return new Changed(
          !wait.wanted()
              ? state
              : pd.listStores().join().stream()
                  .filter(store -> store.getStore().getStoreId() == id)
                  .map(store -> store.getStore().getState())
                  .findFirst()
                  .orElse(state),
          over);
    });
    output.print(
        Map.of("store", id, "state", changed.state().name(), "done", changed.done()),
        out -> out.println("store " + id + " is " + changed.state()
            + (changed.done() ? "" : ", not done in time: 'quorate store why " + id + "'")));
    return changed.done() ? ExitCode.OK : ExitCode.NO;
  }
}
