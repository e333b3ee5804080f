package io.quorate.raft.mailbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FollowingTest {
  private static final long PATIENCE_SECONDS = 60;

  private final MailboxPool first = new MailboxPool("first-", 2);
  private final MailboxPool second = new MailboxPool("second-", 2);
  private final List<String> seen = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch done = new CountDownLatch(1);

  @AfterEach
  void threadsEnd() throws InterruptedException {
    assertThat(first.close(Duration.ofSeconds(PATIENCE_SECONDS))).isTrue();
    assertThat(second.close(Duration.ofSeconds(PATIENCE_SECONDS))).isTrue();
  }

  private static Mailbox<String> mailbox(MailboxPool pool, Consumer<String> handler) {
    return mailbox(pool, handler, /* callbacksFollow= */ false);
  }

  private static Mailbox<String> mailbox(
      MailboxPool pool, Consumer<String> handler, boolean callbacksFollow) {
    return new Mailbox<>(
        64,
        pool,
        (event, sequence, endOfBatch) -> handler.accept(event),
        (failure, sequence, event) -> {
          throw new AssertionError(failure);
        },
        callbacksFollow);
  }

  private void note(String what) {
    seen.add(what + " on " + Thread.currentThread().getName().replaceAll("-.*", ""));
  }

  private static boolean await(CountDownLatch latch) {
    try {
      return latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whatALastEventStartsFollowsItOnTheSameThreadAlsoOfAnotherPool() {
    List<Thread> threads = Collections.synchronizedList(new ArrayList<>());
    Mailbox<String> last = mailbox(first, event -> {
      threads.add(Thread.currentThread());
      note(event);
      done.countDown();
    });
    Mailbox<String> next = mailbox(second, event -> {
      threads.add(Thread.currentThread());
      last.put("last");
      note(event);
    });
    mailbox(first, event -> {
          threads.add(Thread.currentThread());
          next.put("next");
          note(event);
        })
        .put("begin");
    assertThat(await(done)).isTrue();
    assertThat(seen).containsExactly("begin on first", "next on first", "last on first");
    assertThat(threads).containsOnly(threads.get(0));
  }

  @Test
  void nothingFollowsAMailboxThatHasMoreToDo() {
    CountDownLatch other = new CountDownLatch(1);
    CompletableFuture<Boolean> inTime = new CompletableFuture<>();
    Mailbox<String> next = mailbox(second, event -> {
      note(event);
      other.countDown();
    });
    List<Mailbox<String>> self = new ArrayList<>();
    self.add(mailbox(first, event -> {
      if (event.equals("begin")) {
        next.put("next");
        self.get(0).put("busy");
      } else {
        inTime.complete(await(other));
      }
    }));
    self.get(0).put("begin");
    assertThat(inTime.join()).as("the other mailbox ran meanwhile").isTrue();
    assertThat(seen).containsExactly("next on second");
  }

  @Test
  void nothingFollowsTheEventsBeforeTheLast() {
    CountDownLatch full = new CountDownLatch(1);
    CountDownLatch other = new CountDownLatch(1);
    CompletableFuture<Boolean> inTime = new CompletableFuture<>();
    Mailbox<String> next = mailbox(second, event -> other.countDown());
    Mailbox<String> busy = mailbox(first, event -> {
      switch (event) {
        case "wait" -> await(full);
        case "publish" -> next.put("next");
        default -> inTime.complete(await(other));
      }
    });
    busy.put("wait");
    busy.put("publish");
    busy.put("look");
    full.countDown();
    assertThat(inTime.join()).as("the other mailbox ran meanwhile").isTrue();
  }

  @Test
  void whoWaitsForAMailboxDoesNotWaitForItself() {
    Mailbox<String> next = mailbox(first, this::note);
    mailbox(first, event -> {
          next.put("next");
          next.close();
          note(event);
          done.countDown();
        })
        .put("closed");
    assertThat(await(done)).isTrue();
    assertThat(seen).containsExactly("next on first", "closed on first");
  }

  @Test
  void tasksFollowOnlyWhereTheirMailboxSaysSo() {
    CompletableFuture<Boolean> notTaken = new CompletableFuture<>();
    mailbox(first, event -> notTaken.complete(Following.takesCallback(() -> {}, second)))
        .put("not");
    assertThat(notTaken.join()).isFalse();
    assertThat(Following.takesCallback(() -> {}, second))
        .as("outside of any mailbox")
        .isFalse();
    mailbox(
            first,
            event -> {
              Runnable task = () -> {
                note("task");
                done.countDown();
              };
              note(event + " " + Following.takesCallback(task, second));
            },
            /* callbacksFollow= */ true)
        .put("taken");
    assertThat(await(done)).isTrue();
    assertThat(seen).containsExactly("taken true on first", "task on first");
  }

  @Test
  void aTaskThatFailsDoesNotKeepTheOthersFromRunning() {
    mailbox(
            first,
            event -> {
              assertThat(Following.takesCallback(
                      () -> {
                        throw new IllegalStateException("expected by the test");
                      },
                      second))
                  .isTrue();
              assertThat(Following.takesCallback(done::countDown, second)).isTrue();
            },
            /* callbacksFollow= */ true)
        .put("begin");
    assertThat(await(done)).isTrue();
  }
}
