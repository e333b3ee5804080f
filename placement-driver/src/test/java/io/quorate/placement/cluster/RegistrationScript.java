package io.quorate.placement.cluster;

import io.quorate.model.Bytes;
import io.quorate.model.StoreDescriptor;
import io.quorate.model.StoreId;
import io.quorate.placement.ScriptRunner;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How a cluster begins, told line by line: found, join, bootstrap, ids. */
class RegistrationScript {
  private ClusterImage image = ClusterImage.EMPTY;

  @Test
  void clustersBegin() throws IOException {
    ScriptRunner.run("registration.txt", this::answer);
  }

  private String answer(String line) {
    String[] words = line.split(" ", -1);
    Replayed replayed = image.with(
        switch (words[0]) {
          case "found" -> new FoundCluster(Long.parseLong(words[1]), 1);
          case "join" ->
            new RegisterStore(new StoreDescriptor(
                new StoreId(Long.parseLong(words[1])),
                Long.parseLong(words[2]),
                words[3],
                words[4],
                Map.of(),
                StoreDescriptor.State.UP));
          case "ids" -> new AllocateIds(Integer.parseInt(words[1]));
          case "bound" -> new ExtendRevisions(Long.parseLong(words[1]));
          case "bootstrap" ->
            BootstrapPlan.plan(
                words.length < 3
                    ? List.of()
                    : Arrays.stream(words[2].split(",", -1)).map(Bytes::utf8).toList(),
                image.stores().keySet().stream().sorted().toList(),
                3,
                Long.parseLong(words[1]));
          default -> throw new IllegalArgumentException(line);
        });
    image = replayed.image();
    StringBuilder text = new StringBuilder();
    if (replayed.ruling() instanceof Ruling.Refused refused) {
      text.append("refused ")
          .append(refused.reason())
          .append(": ")
          .append(refused.message())
          .append('\n');
    } else {
      text.append(
              replayed.ruling() instanceof Ruling.Given given ? "given " + given.value() : "done")
          .append('\n');
    }
    if (words[0].equals("bootstrap")) {
      image
          .founding()
          .forEach(region -> text.append(region.descriptor())
              .append(" led by s")
              .append(region.preferredLeader())
              .append('\n'));
    }
    return text.toString();
  }
}
