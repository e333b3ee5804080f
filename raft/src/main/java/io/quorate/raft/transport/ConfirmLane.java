package io.quorate.raft.transport;

import io.quorate.proto.Confirm;
import io.quorate.proto.ConfirmAnswer;
import io.quorate.proto.GroupTerm;
import io.quorate.proto.RaftFrame;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The read barrier's questions to one store: at most one message of them is under way, the groups that ask meanwhile share
 * the next. Bounded by the number of groups, because a group's newer question replaces its older one. Owned by the stream's
 * asking end; any thread.
 */
final class ConfirmLane implements Outbox.Passenger {
  private record Question(GroupTerm asked, Consumer<Boolean> answer) {}

  private final ReentrantLock lock = new ReentrantLock();
  private Map<Long, Question> waiting = new LinkedHashMap<>();
  private List<Question> underWay = List.of();
  private long round;

  /** Asks the store with the next message; a lost stream answers no. */
  void ask(GroupTerm asked, Consumer<Boolean> answer) {
    lock.lock();
    try {
      waiting.put(asked.getGroupId(), new Question(asked, answer));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean board(RaftFrame.Builder frame) {
    lock.lock();
    try {
      if (waiting.isEmpty() || !underWay.isEmpty()) {
        return false;
      }
      underWay = new ArrayList<>(waiting.values());
      waiting = new LinkedHashMap<>();
      Confirm.Builder confirm = Confirm.newBuilder().setRound(++round);
      underWay.forEach(question -> confirm.addGroups(question.asked()));
      frame.setConfirm(confirm);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Hands out the answers and says whether more questions wait. An answer to another round than the one under way is void. */
  boolean answered(ConfirmAnswer answer) {
    List<Question> done;
    boolean more;
    lock.lock();
    try {
      if (answer.getRound() != round) {
        return false;
      }
      done = underWay;
      underWay = List.of();
      more = !waiting.isEmpty();
    } finally {
      lock.unlock();
    }
    Set<Integer> refused = new HashSet<>(answer.getRefusedList());
    for (int i = 0; i < done.size(); i++) {
      done.get(i).answer().accept(!refused.contains(i));
    }
    return more;
  }

  /** The stream is gone: answers no to all, those under way and those waiting. */
  void lost() {
    List<Question> done = new ArrayList<>();
    lock.lock();
    try {
      done.addAll(underWay);
      Collection<Question> unsent = waiting.values();
      done.addAll(unsent);
      underWay = List.of();
      waiting = new LinkedHashMap<>();
      round++;
    } finally {
      lock.unlock();
    }
    done.forEach(question -> question.answer().accept(false));
  }
}
