package io.quorate.placement.schedule;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.PeerRole;
import io.quorate.model.RegionId;
import io.quorate.model.StoreDescriptor;
import io.quorate.model.StoreId;
import io.quorate.placement.ScriptRunner;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * What is planned for which cluster, told as stories. Words:
 *
 * <pre>
 * new                                     an empty cluster with the default limits
 * set KEY VALUE                           one limit
 * store ID [LABEL=VALUE …] [STATE] [free=GIB] [stopping] [add=N] [remove=N]
 * region ID START END MIB STORE …         the first leads; a ~ before it: a learner; ! behind: down; ? behind: pending
 * damaged ID REPLICA …                    replicas whose data differ from the leader's
 * leaderless ID, hot ID WRITTEN READ, old ID
 * plan [RULE]                             what the rule, or all, plan
 * obey                                    does what was planned last
 * why ID, whystore ID
 * </pre>
 */
class PlanScript {
  private SimPlacementCluster cluster = new SimPlacementCluster();
  private Limits limits = Limits.defaults();
  private List<KeyRange> scattered = List.of();
  private List<Operator> planned = List.of();

  @Test
  void schedulersPlan() throws IOException {
    ScriptRunner.run("schedules.txt", this::answer);
  }

  private String answer(String line) {
    StringBuilder text = new StringBuilder();
    for (String command : line.split(" *; *", -1)) {
      text.append(one(command.split(" +", -1)));
    }
    return text.length() == 0 ? "ok" : text.toString();
  }

  private String one(String[] words) {
    switch (words[0]) {
      case "new" -> {
        cluster = new SimPlacementCluster();
        limits = Limits.defaults();
        scattered = List.of();
      }
      case "set" -> limits = limits.with(Map.of(words[1], words[2]));
      case "store" -> store(words);
      case "region" -> region(words);
      case "damaged" ->
        cluster.damaged(
            Long.parseLong(words[1]),
            Arrays.stream(words).skip(2).map(Long::valueOf).collect(Collectors.toSet()));
      case "old" -> cluster.health(Long.parseLong(words[1]), Map.of(), Set.of(), 0);
      case "young" ->
        cluster.health(Long.parseLong(words[1]), Map.of(), Set.of(), cluster.nowNanos());
      case "hot" ->
        cluster.load(
            Long.parseLong(words[1]),
            Double.parseDouble(words[2]),
            Double.parseDouble(words[3]),
            5);
      case "scatter" -> scattered = List.of(KeyRange.of(key(words[1]), key(words[2])));
      case "busy" -> busy(Long.parseLong(words[1]));
      case "plan" -> {
        return plan(words.length > 1 ? words[1] : "");
      }
      case "obey" -> planned.forEach(cluster::obey);
      case "why" -> {
        return String.join(
            "\n",
            Why.region(
                cluster.view(),
                limits,
                Planner.rules(scattered),
                Set.of(),
                cluster.region(Long.parseLong(words[1]))));
      }
      case "whystore" -> {
        return String.join(
            "\n", Why.store(cluster.view(), limits, new StoreId(Long.parseLong(words[1]))));
      }
      default -> throw new IllegalArgumentException(words[0]);
    }
    return "";
  }

  private String plan(String rule) {
    List<Scheduler> rules = Planner.rules(scattered).stream()
        .filter(each -> rule.isEmpty() || each.name().startsWith(rule))
        .toList();
    planned = Planner.plan(cluster.view(), limits, rules, Set.of());
    StringBuilder text = new StringBuilder();
    planned.forEach(operator -> text.append(operator).append('\n'));
    return planned.isEmpty() ? "nothing" : text.toString();
  }

  private void busy(long id) {
    cluster.busy(new ClusterView.Busy(
        Map.of(
            new RegionId(id),
            new Operator(
                "test", Operator.Kind.ADMIN, cluster.region(id), List.of(), "of the test")),
        Map.of()));
  }

  private void store(String[] words) {
    Map<String, String> labels = new HashMap<>();
    StoreDescriptor.State state = StoreDescriptor.State.UP;
    StoreDescriptor.State liveness = StoreDescriptor.State.UP;
    long free = 1_000;
    boolean stopping = false;
    double add = 1_000;
    double remove = 1_000;
    for (String word : List.of(words).subList(2, words.length)) {
      if (word.startsWith("free=")) {
        free = Long.parseLong(word.substring(5));
      } else if (word.startsWith("add=")) {
        add = Double.parseDouble(word.substring(4));
      } else if (word.startsWith("remove=")) {
        remove = Double.parseDouble(word.substring(7));
      } else if (word.contains("=")) {
        labels.put(word.substring(0, word.indexOf('=')), word.substring(word.indexOf('=') + 1));
      } else if (word.equals("stopping")) {
        stopping = true;
      } else if (word.equals("down") || word.equals("disconnected")) {
        liveness = StoreDescriptor.State.valueOf(word.toUpperCase(Locale.ROOT));
      } else {
        state = StoreDescriptor.State.valueOf(word.toUpperCase(Locale.ROOT));
      }
    }
    long id = Long.parseLong(words[1]);
    cluster.store(id, labels, state, liveness, free, stopping);
    cluster.quota(id, add, remove);
  }

  private void region(String[] words) {
    long id = Long.parseLong(words[1]);
    List<Peer> peers = new ArrayList<>();
    Map<Long, Long> down = new HashMap<>();
    Set<Long> pending = new HashSet<>();
    boolean led = true;
    for (String word : List.of(words).subList(5, words.length)) {
      if (word.equals("leaderless")) {
        led = false;
        continue;
      }
      long store = Long.parseLong(word.replaceAll("[~!?]", ""));
      long replica = id * 10 + store;
      peers.add(new Peer(
          new StoreId(store), replica, word.contains("~") ? PeerRole.LEARNER : PeerRole.VOTER));
      if (word.contains("!")) {
        down.put(replica, 0L);
      }
      if (word.contains("?")) {
        pending.add(replica);
      }
    }
    cluster.region(id, key(words[2]), key(words[3]), Long.parseLong(words[4]) << 20, peers, led);
    cluster.health(id, down, pending, 0);
  }

  private static Bytes key(String word) {
    return word.equals("-") ? Bytes.EMPTY : Bytes.utf8(word);
  }
}
