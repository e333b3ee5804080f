package io.quorate.placement.oracle;

import io.quorate.placement.cluster.ClusterImage;
import io.quorate.proto.OracleAnswer;
import io.quorate.proto.OracleAsk;
import io.quorate.proto.OracleResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Numbers for one confirmed batch, and the one response they make per sink. Owned by the settling thread. */
final class Settlement {
  private final ClusterImage image;
  private final long term;
  private final Map<OracleSink, OracleResponse.Builder> responses = new LinkedHashMap<>();
  private final List<Waiting> ahead = new ArrayList<>();
  private @Nullable RevisionWindow window;
  private int answers;
  private long numbers;
  private long seen;

  Settlement(ClusterImage image, long term) {
    this.image = image;
    this.term = term;
  }

  /** Assigns in order; returns what must wait for a greater bound. */
  List<Waiting> assign(List<Waiting> batch, RevisionWindow from) {
    RevisionWindow now = from;
    List<Waiting> rest = new ArrayList<>();
    for (Waiting one : batch) {
      List<OracleAsk> left = List.of();
      if (!rest.isEmpty()) {
        rest.add(one);
        continue;
      }
      for (int i = 0; i < one.asks().size() && left.isEmpty(); i++) {
        OracleAsk ask = one.asks().get(i);
        if (Long.compareUnsigned(ask.getSeen(), now.counter()) > 0) {
          seen = ask.getSeen();
          ahead.add(new Waiting(one.sink(), List.of(ask)));
        } else if (!now.holds(ask.getCount()) && ask.getCount() > 0) {
          left = one.asks().subList(i, one.asks().size());
        } else {
          now = ask.getCount() == 0 ? now : now.take(ask.getCount());
          answer(one.sink(), ask, now.counter());
        }
      }
      if (!left.isEmpty()) {
        rest.add(new Waiting(one.sink(), left));
      }
    }
    window = now;
    return rest;
  }

  private void answer(OracleSink sink, OracleAsk ask, long revision) {
    answers++;
    numbers += ask.getCount();
    responses
        .computeIfAbsent(
            sink,
            s -> OracleResponse.newBuilder()
                .setTerm(term)
                .setCompacted(image.marks().compacted())
                .setAuthRevision(image.marks().auth())
                .setFeatureLevel(image.featureLevel()))
        .addAnswers(OracleAnswer.newBuilder().setAskId(ask.getAskId()).setRevision(revision));
  }

  void send() {
    responses.forEach((sink, response) -> sink.reply(response.build()));
  }

  RevisionWindow window() {
    if (window == null) {
      throw new IllegalStateException("nothing was assigned in term " + term);
    }
    return window;
  }

  List<Waiting> ahead() {
    return ahead;
  }

  long seen() {
    return seen;
  }

  int answers() {
    return answers;
  }

  long numbers() {
    return numbers;
  }
}
