package io.quorate.region.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Bytes;
import io.quorate.proto.KeyValue;
import io.quorate.proto.Request;
import io.quorate.proto.Response;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.Stamped;
import io.quorate.region.order.Footprint;
import io.quorate.region.order.TouchedKeys;
import io.quorate.region.wire.Parsed;
import io.quorate.region.wire.Requests;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What must hold of a region's whole history, by name; judged after a run from the log and from what clients were told. */
final class RegionInvariants {
  private final SimRegion region;
  private final List<Attempt> attempts;
  private final Map<Long, Attempt> bySequence = new HashMap<>();
  /** Revision by sequence of what the log did last; what changed something was the last. */
  private final Map<Long, Long> done = new HashMap<>();
  /** The same, where it changed something. */
  private final Map<Long, Long> changed = new HashMap<>();

  private final NaiveRegion model = new NaiveRegion();
  /** By sequence and revision. */
  private final Map<Long, Map<Long, Response>> expected = new HashMap<>();

  private final Map<Attempt, TouchedKeys> touched = new HashMap<>();

  RegionInvariants(SimRegion region, List<Attempt> attempts) {
    this.region = region;
    this.attempts = attempts;
    attempts.forEach(one -> bySequence.putIfAbsent(one.request.getSequence(), one));
  }

  void check() {
    revisionsIncreaseInLogOrder();
    refusedNeverTakesEffect();
    nothingHappensAfterTheAnswer();
    ackedWritesSurvive();
    answersAreSnapshots();
    revisionsAgreeWithRealTime();
    getsAreLinearizable();
  }

  /** Replays the log into the model on the way. */
  private void revisionsIncreaseInLogOrder() {
    long last = 1;
    for (SimRegion.Effect effect : region.effects.values()) {
      List<Stamped> commands = effect.commands().commands();
      for (int i = 0; i < commands.size(); i++) {
        Stamped command = commands.get(i);
        if (effect.result().outcomes().get(i) instanceof Outcome.Done outcome) {
          if (outcome.revision() != command.revision()) {
            // The answer to what was done before.
            assertThat(expected.get(command.name().sequence()))
                .as("RepeatsHearOfTheFirst")
                .containsKey(outcome.revision());
            continue;
          }
          assertThat(outcome.revision()).as("RevisionsIncrease").isGreaterThan(last);
          last = outcome.revision();
          if (command.name().isNamed()) {
            replay(command.name().sequence(), last);
          }
        }
      }
    }
  }

  private void replay(long sequence, long revision) {
    Attempt attempt = bySequence.get(sequence);
    assertThat(attempt).as("NothingFromNowhere").isNotNull();
    if (attempt == null) {
      return;
    }
    Response response = model.write(attempt.request, revision);
    expected.computeIfAbsent(sequence, one -> new HashMap<>()).put(revision, response);
    assertThat(changed).as("AppliedOnce").doesNotContainKey(sequence);
    done.put(sequence, revision);
    if (!model.at(revision).equals(model.at(revision - 1))) {
      changed.put(sequence, revision);
    }
  }

  /** What a client was told is final, though older attempts of it may reach the log later. */
  private void nothingHappensAfterTheAnswer() {
    for (Attempt attempt : attempts) {
      Long effect = changed.get(attempt.request.getSequence());
      if (attempt.isWrite() && attempt.isDone() && effect != null) {
        assertThat(effect)
            .as("NothingHappensAfterTheAnswer: %s", attempt)
            .isEqualTo(attempt.answer().getRevision());
      }
    }
  }

  private void refusedNeverTakesEffect() {
    Map<Long, Boolean> doubtful = new HashMap<>();
    for (Attempt attempt : attempts) {
      boolean told = attempt.isCertainlyNot();
      doubtful.merge(attempt.request.getSequence(), !told, Boolean::logicalOr);
    }
    for (Attempt attempt : attempts) {
      boolean forGood = attempt.response != null && attempt.answer().hasRefusal();
      if (forGood || !doubtful.getOrDefault(attempt.request.getSequence(), true)) {
        assertThat(forGood ? changed : done)
            .as("RefusedNeverTakesEffect: %s", attempt)
            .doesNotContainKey(attempt.request.getSequence());
      }
    }
  }

  private void ackedWritesSurvive() {
    for (Attempt attempt : attempts) {
      if (attempt.isDone() && attempt.request.hasPut()) {
        assertThat(done.get(attempt.request.getSequence()))
            .as("AckedWritesSurvive: %s", attempt)
            .isEqualTo(attempt.answer().getRevision());
      }
    }
  }

  /** Every answer is the model's: of a write at its place in the log, of all else at its revision. */
  private void answersAreSnapshots() {
    for (Attempt attempt : attempts) {
      if (!attempt.isDone() || attempt.request.hasGet()) {
        continue;
      }
      Request request = attempt.request;
      @Nullable
      Response right = expected
          .getOrDefault(request.getSequence(), Map.of())
          .get(attempt.answer().getRevision());
      if (right == null) {
        right = model.read(request, attempt.answer().getRevision());
      }
      if (right != null) {
        right = right.toBuilder().setRequestId(request.getRequestId()).build();
      }
      assertThat(attempt.answer()).as("AnswersAreSnapshots: %s", attempt).isEqualTo(right);
    }
  }

  private void revisionsAgreeWithRealTime() {
    List<Attempt> numbered = new ArrayList<>();
    for (Attempt attempt : attempts) {
      boolean fresh = !attempt.request.getRange().getSerializable()
          && attempt.request.getRange().getRevision() == 0;
      if (attempt.isDone() && !attempt.request.hasGet() && fresh) {
        numbered.add(attempt);
      }
    }
    numbered.sort(Comparator.comparingLong(one -> one.start));
    List<Attempt> byEnd = new ArrayList<>(numbered);
    byEnd.sort(Comparator.comparingLong(one -> one.end));
    int at = 0;
    long past = 0;
    for (Attempt attempt : numbered) {
      while (at < byEnd.size() && byEnd.get(at).end < attempt.start) {
        past = Math.max(past, byEnd.get(at++).answer().getRevision());
      }
      boolean wrote = done.containsKey(attempt.request.getSequence());
      assertThat(attempt.answer().getRevision())
          .as("RevisionsAgreeWithRealTime: %s", attempt)
          .isGreaterThanOrEqualTo(wrote ? past + 1 : past);
    }
  }

  /** Per key: each get shows a state not older than what was shown or acknowledged before it began, and not unborn. */
  private void getsAreLinearizable() {
    Map<Bytes, List<Attempt>> gets = new HashMap<>();
    for (Attempt attempt : attempts) {
      if (attempt.isDone() && attempt.request.hasGet()) {
        gets.computeIfAbsent(Bytes.of(attempt.request.getGet().getKey()), key -> new ArrayList<>())
            .add(attempt);
      }
    }
    gets.forEach(this::linearizable);
  }

  private void linearizable(Bytes key, List<Attempt> gets) {
    NavigableMap<Long, KeyValue> versions = versionsOf(key);
    Map<Attempt, Long> placed = new HashMap<>();
    gets.sort(Comparator.comparingLong(one -> one.start));
    for (Attempt get : gets) {
      long least = 0;
      for (Attempt other : attempts) {
        if (other.end < get.start && other.isDone()) {
          least = Math.max(
              least, other.request.hasGet() ? placed.getOrDefault(other, 0L) : shown(other, key));
        }
      }
      KeyValue seen = get.answer().getGet().getKv();
      Long from = versions.floorKey(least);
      Long place = null;
      for (Map.Entry<Long, KeyValue> version : versions.tailMap(from, true).entrySet()) {
        if (version.getValue().equals(seen)) {
          place = version.getKey();
          break;
        }
      }
      assertThat(place)
          .as("GetsAreLinearizable: %s not at or after %s", get, least)
          .isNotNull();
      if (place != null) {
        placed.put(get, Math.max(place, 0));
        assertThat(startOf(place)).as("NothingUnbornIsSeen: %s", get).isLessThanOrEqualTo(get.end);
      }
    }
  }

  /** Up to which revision the answer has shown the key; 0 if it has not. A write shows all that was logged before it. */
  private long shown(Attempt attempt, Bytes key) {
    boolean wrote = done.containsKey(attempt.request.getSequence());
    boolean stale = attempt.request.getRange().getSerializable();
    if (!wrote && (stale || !keys(attempt).intersects(Footprint.of(key)))) {
      return 0;
    }
    return attempt.answer().getRevision();
  }

  private TouchedKeys keys(Attempt attempt) {
    return touched.computeIfAbsent(attempt, one -> keys(one.request));
  }

  private static TouchedKeys keys(Request request) {
    Parsed parsed = Requests.parse(request);
    Footprint all = Footprint.NOTHING;
    if (parsed instanceof Parsed.Range range) {
      all = Footprint.of(range.query().range());
    } else if (parsed instanceof Parsed.Write write) {
      all = Footprint.of(write.command());
    }
    return new TouchedKeys(List.of(all));
  }

  /** The key's states by the revision that began each; the default instance where it does not exist. */
  private NavigableMap<Long, KeyValue> versionsOf(Bytes key) {
    NavigableMap<Long, KeyValue> versions = new TreeMap<>();
    KeyValue last = KeyValue.getDefaultInstance();
    versions.put(0L, last);
    for (Map.Entry<Long, NavigableMap<Bytes, KeyValue>> state : model.states().entrySet()) {
      KeyValue now = state.getValue().getOrDefault(key, KeyValue.getDefaultInstance());
      if (!now.equals(last)) {
        versions.put(state.getKey(), now);
        last = now;
      }
    }
    return versions;
  }

  private long startOf(long revision) {
    for (Map.Entry<Long, Long> write : done.entrySet()) {
      Attempt attempt = bySequence.get(write.getKey());
      if (write.getValue() == revision && attempt != null) {
        return attempt.start;
      }
    }
    return 0;
  }
}
