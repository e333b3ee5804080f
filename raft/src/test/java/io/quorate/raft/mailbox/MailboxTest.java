package io.quorate.raft.mailbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MailboxTest {
  private final SimExecutor executor = new SimExecutor();
  private final List<String> seen = new ArrayList<>();

  private Mailbox<Integer> mailbox(int capacity) {
    return new Mailbox<>(
        capacity,
        executor,
        (event, sequence, endOfBatch) -> seen.add(sequence + ":" + event + (endOfBatch ? "." : "")),
        (failure, sequence, event) ->
            seen.add(sequence + ":" + event + "!" + failure.getMessage()));
  }

  @Test
  void eventsComeInOrderAndTheLastOfABatchSaysSo() {
    Mailbox<Integer> mailbox = mailbox(8);
    IntStream.of(10, 11, 12).forEach(mailbox::put);
    assertThat(executor.waiting()).as("one drain, however many events").isEqualTo(1);
    executor.runAll();
    mailbox.put(13);
    executor.runAll();
    assertThat(seen).containsExactly("0:10", "1:11", "2:12.", "3:13.");
  }

  @Test
  void anEventPublishedByTheHandlerIsTheNextBatchOfTheSameDrain() {
    List<String> order = new ArrayList<>();
    List<Mailbox<Integer>> self = new ArrayList<>();
    Mailbox<Integer> mailbox = new Mailbox<>(
        8,
        executor,
        (event, sequence, endOfBatch) -> {
          order.add(event + (endOfBatch ? "." : ""));
          if (event == 1) {
            self.get(0).put(3);
          }
        },
        (failure, sequence, event) -> {});
    self.add(mailbox);
    mailbox.put(1);
    mailbox.put(2);
    executor.runOne();
    assertThat(order).containsExactly("1", "2.", "3.");
    assertThat(executor.waiting()).isZero();
  }

  @Test
  void offerKeepsToTheCapacityAndPutToTheHardBound() {
    Mailbox<Integer> mailbox = mailbox(2);
    assertThat(mailbox.offer(1)).isTrue();
    assertThat(mailbox.remaining()).isEqualTo(1);
    assertThat(mailbox.offer(2)).isTrue();
    assertThat(mailbox.offer(3)).isFalse();
    for (int i = 2; i < 2 * Mailbox.HARD_BOUND_FACTOR; i++) {
      mailbox.put(i);
    }
    assertThat(mailbox.remaining()).isZero();
    assertThatThrownBy(() -> mailbox.put(99))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("8 events")
        .hasMessageContaining("capacity 2");
    executor.runAll();
    assertThat(seen).hasSize(8);
    assertThat(mailbox.offer(3)).isTrue();
  }

  @Test
  void roomComesBackOnlyWhenTheBatchIsWorkedOff() {
    List<Integer> remaining = new ArrayList<>();
    List<Mailbox<Integer>> self = new ArrayList<>();
    Mailbox<Integer> mailbox = new Mailbox<>(
        4, executor, (e, s, end) -> remaining.add(self.get(0).remaining()), (failure, s, e) -> {});
    self.add(mailbox);
    mailbox.put(1);
    mailbox.put(2);
    executor.runAll();
    assertThat(remaining).containsExactly(2, 2);
    assertThat(mailbox.remaining()).isEqualTo(4);
  }

  @Test
  void aHandlerThatThrowsIsReportedAndTheMailboxGoesOn() {
    Mailbox<Integer> mailbox = new Mailbox<>(
        8,
        executor,
        (event, sequence, endOfBatch) -> {
          if (event == 2) {
            throw new IllegalStateException("two");
          }
          seen.add(event + (endOfBatch ? "." : ""));
        },
        (failure, sequence, event) ->
            seen.add(sequence + ":" + event + "!" + failure.getMessage()));
    IntStream.of(1, 2, 3).forEach(mailbox::put);
    executor.runAll();
    assertThat(seen).containsExactly("1", "1:2!two", "3.");
  }

  @Test
  void aLongDrainLetsOthersHaveTheThread() {
    List<Mailbox<Integer>> self = new ArrayList<>();
    List<Integer> handled = new ArrayList<>();
    Mailbox<Integer> busy = new Mailbox<>(
        1024,
        executor,
        (event, sequence, endOfBatch) -> {
          handled.add(event);
          if (event < Mailbox.SLICE + 10) {
            self.get(0).put(event + 1);
          }
        },
        (failure, sequence, event) -> {});
    self.add(busy);
    busy.put(1);
    Mailbox<Integer> other = mailbox(8);
    other.put(7);
    executor.runOne();
    assertThat(handled).hasSize(Mailbox.SLICE);
    executor.runOne();
    assertThat(seen).containsExactly("0:7.");
    executor.runAll();
    assertThat(handled).hasSize(Mailbox.SLICE + 10);
  }

  @Test
  void whatComesAfterTheCloseIsDropped() {
    Mailbox<Integer> mailbox = mailbox(8);
    mailbox.close();
    mailbox.put(1);
    assertThat(mailbox.offer(2)).isFalse();
    assertThat(executor.waiting()).isZero();
    assertThat(mailbox.remaining()).isEqualTo(8);
  }
}
