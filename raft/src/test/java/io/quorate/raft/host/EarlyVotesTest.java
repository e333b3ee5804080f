package io.quorate.raft.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.quorate.proto.PulseAnswer;
import io.quorate.proto.RaftMessage;
import io.quorate.raft.transport.Inbound.Answers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Asks for votes that come before their replica: kept for a while, then let go, and never answered twice. */
class EarlyVotesTest {
  private static final long PATIENCE = 500;

  private final EarlyVotes votes = new EarlyVotes(3, PATIENCE);
  private final List<String> heard = new ArrayList<>();

  private final Answers answers = new Answers() {
    @Override
    public void answer(long callId, Message answer) {
      heard.add("answered " + callId);
    }

    @Override
    public void refuse(long callId, String why) {
      heard.add("refused " + callId);
    }

    @Override
    public void pulses(List<PulseAnswer> answers) {
      throw new AssertionError("nobody pulses");
    }
  };

  private boolean keep(long group, long call, long now) {
    return votes.keep(
        3, RaftMessage.newBuilder().setGroupId(group).setCallId(call).build(), answers, now);
  }

  private void arrived(long group) {
    votes.arrived(
        group, (from, message, to) -> heard.add("s" + from + " asks " + message.getCallId()));
  }

  @Test
  void askIsPutToTheReplicaOnceItIsHereAndToNoOther() {
    assertThat(keep(10, 1, 0)).isTrue();
    assertThat(keep(11, 2, 0)).isTrue();
    assertThat(keep(10, 3, 0)).isTrue();
    arrived(10);
    assertThat(heard).containsExactly("s3 asks 1", "s3 asks 3");
    arrived(10);
    votes.expire(PATIENCE + 1);
    assertThat(heard).containsExactly("s3 asks 1", "s3 asks 3", "refused 2");
  }

  @Test
  void askWhoseReplicaDoesNotComeIsRefusedAfterAWhileAndNotBefore() {
    keep(10, 1, 0);
    keep(10, 2, 100);
    votes.expire(PATIENCE);
    assertThat(heard).isEmpty();
    votes.expire(PATIENCE + 1);
    assertThat(heard).containsExactly("refused 1");
    votes.expire(PATIENCE + 101);
    assertThat(heard).containsExactly("refused 1", "refused 2");
    arrived(10);
    assertThat(heard).hasSize(2);
  }

  @Test
  void noMoreAreKeptThanTheLimit() {
    int kept = 0;
    while (keep(10, kept, 0)) {
      kept++;
    }
    assertThat(kept).isEqualTo(3);
    votes.expire(PATIENCE + 1);
    assertThat(heard).hasSize(kept);
    assertThat(keep(10, 1, 0)).isTrue();
  }
}
