package io.quorate.raft.mailbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class MailboxThreadsIT {
  private static final int MAILBOXES = 100;
  private static final int PUBLISHERS = 4;
  private static final int EVENTS = 500;

  private static MailboxThreads threads(boolean virtual) {
    return new MailboxThreads(new MailboxConfig(4, 8, virtual));
  }

  /** On a JDK without virtual threads both are pools. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void eachMailboxLooksSingleThreadedAndKeepsEachPublishersOrder(boolean virtual) throws Exception {
    Executor executor = threads(virtual).log();
    CountDownLatch all = new CountDownLatch(MAILBOXES * PUBLISHERS * EVENTS);
    AtomicInteger offences = new AtomicInteger();
    List<Mailbox<int[]>> mailboxes = new ArrayList<>();
    for (int m = 0; m < MAILBOXES; m++) {
      int[] last = new int[PUBLISHERS];
      AtomicInteger inside = new AtomicInteger();
      mailboxes.add(new Mailbox<>(
          PUBLISHERS * EVENTS,
          executor,
          (event, sequence, endOfBatch) -> {
            if (inside.incrementAndGet() != 1 || last[event[0]] + 1 != event[1]) {
              offences.incrementAndGet();
            }
            last[event[0]] = event[1];
            inside.decrementAndGet();
            all.countDown();
          },
          (failure, sequence, event) -> offences.incrementAndGet()));
    }
    List<Thread> publishers = new ArrayList<>();
    for (int p = 0; p < PUBLISHERS; p++) {
      int publisher = p;
      Thread thread = new Thread(() -> {
        for (int e = 1; e <= EVENTS; e++) {
          for (Mailbox<int[]> mailbox : mailboxes) {
            mailbox.put(new int[] {publisher, e});
          }
        }
      });
      thread.start();
      publishers.add(thread);
    }
    for (Thread publisher : publishers) {
      publisher.join();
    }
    assertThat(all.await(60, TimeUnit.SECONDS)).isTrue();
    mailboxes.forEach(Mailbox::close);
    assertThat(offences).hasValue(0);
  }

  @Test
  void closeWaitsForWhatIsAtHandAndNotForItself() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    AtomicInteger handled = new AtomicInteger();
    List<Mailbox<Integer>> self = new ArrayList<>();
    Mailbox<Integer> mailbox = new Mailbox<>(
        8,
        threads(false).compute(),
        (event, sequence, endOfBatch) -> {
          entered.countDown();
          go.await();
          if (event == 2) {
            self.get(0).close();
          }
          handled.incrementAndGet();
        },
        (failure, sequence, event) -> {});
    self.add(mailbox);
    mailbox.put(1);
    mailbox.put(2);
    entered.await();
    Thread closer = new Thread(mailbox::close);
    closer.start();
    go.countDown();
    closer.join();
    assertThat(handled).hasValue(2);
  }

  @Test
  void parkedStagesDoNotHoldUpTheOthers() throws Exception {
    MailboxThreads threads = threads(false);
    CountDownLatch go = new CountDownLatch(1);
    for (int i = 0; i < 100; i++) {
      threads.log().execute(() -> {
        try {
          go.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      });
    }
    CountDownLatch ran = new CountDownLatch(1);
    threads.compute().execute(ran::countDown);
    assertThat(ran.await(60, TimeUnit.SECONDS)).isTrue();
    go.countDown();
  }
}
