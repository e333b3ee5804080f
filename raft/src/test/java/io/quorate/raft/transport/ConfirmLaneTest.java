package io.quorate.raft.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.proto.Confirm;
import io.quorate.proto.ConfirmAnswer;
import io.quorate.proto.GroupTerm;
import io.quorate.proto.RaftFrame;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfirmLaneTest {
  private final ConfirmLane lane = new ConfirmLane();
  private final List<String> answers = new ArrayList<>();

  @Test
  void groupsThatAskTogetherShareOneMessage() {
    ask(1, 5);
    ask(2, 6);
    Confirm confirm = board();
    assertThat(confirm.getGroupsList()).extracting(GroupTerm::getGroupId).containsExactly(1L, 2L);
    lane.answered(
        ConfirmAnswer.newBuilder().setRound(confirm.getRound()).addRefused(1).build());
    assertThat(answers).containsExactly("1/5 true", "2/6 false");
  }

  @Test
  void oneMessageIsUnderWayAtATime() {
    ask(1, 5);
    Confirm first = board();
    ask(1, 6);
    assertThat(lane.board(RaftFrame.newBuilder())).isFalse();
    assertThat(lane.answered(answer(first))).isTrue();
    Confirm second = board();
    assertThat(second.getRound()).isNotEqualTo(first.getRound());
    assertThat(lane.answered(answer(second))).isFalse();
    assertThat(answers).containsExactly("1/5 true", "1/6 true");
  }

  @Test
  void answerToAnEarlierRoundIsVoid() {
    ask(1, 5);
    Confirm first = board();
    lane.lost();
    assertThat(answers).containsExactly("1/5 false");
    ask(1, 5);
    Confirm second = board();
    lane.answered(answer(first));
    assertThat(answers).hasSize(1);
    lane.answered(answer(second));
    assertThat(answers).containsExactly("1/5 false", "1/5 true");
  }

  @Test
  void newerQuestionOfAGroupTakesThePlaceOfItsOlderOne() {
    ask(1, 5);
    Confirm first = board();
    ask(1, 6);
    ask(1, 7);
    lane.answered(answer(first));
    assertThat(board().getGroupsList()).extracting(GroupTerm::getTerm).containsExactly(7L);
  }

  private void ask(long group, long term) {
    lane.ask(
        GroupTerm.newBuilder().setGroupId(group).setTerm(term).build(),
        yes -> answers.add(group + "/" + term + " " + yes));
  }

  private Confirm board() {
    RaftFrame.Builder frame = RaftFrame.newBuilder();
    assertThat(lane.board(frame)).isTrue();
    return frame.getConfirm();
  }

  private static ConfirmAnswer answer(Confirm to) {
    return ConfirmAnswer.newBuilder().setRound(to.getRound()).build();
  }
}
