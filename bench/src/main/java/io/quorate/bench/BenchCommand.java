package io.quorate.bench;

import io.quorate.bench.elastic.BalanceCommand;
import io.quorate.bench.elastic.DisturbCommand;
import io.quorate.bench.load.LoadCommand;
import io.quorate.bench.load.SummaryCommand;
import io.quorate.bench.load.TxnLoadCommand;
import io.quorate.bench.micro.MicroCommand;
import io.quorate.bench.multiraft.GroupCostCommand;
import io.quorate.bench.watch.CatchUpCommand;
import io.quorate.bench.watch.FanOutCommand;
import io.quorate.bench.watch.LeaseLoadCommand;
import io.quorate.bench.watch.OverwriteCommand;
import io.quorate.bench.ycsb.YcsbCommand;
import picocli.CommandLine.Command;

/** {@code quorate bench}: the benchmarks, mounted under the command by module cli. */
@Command(
    name = "bench",
    description =
        "Benchmarks: YCSB, closed-loop load, what growing costs, the cost of many Raft groups.",
    mixinStandardHelpOptions = true,
    subcommands = {
      YcsbCommand.class,
      LoadCommand.class,
      TxnLoadCommand.class,
      FanOutCommand.class,
      CatchUpCommand.class,
      LeaseLoadCommand.class,
      OverwriteCommand.class,
      SummaryCommand.class,
      BalanceCommand.class,
      DisturbCommand.class,
      GroupCostCommand.class,
      MicroCommand.class
    })
public final class BenchCommand {}
