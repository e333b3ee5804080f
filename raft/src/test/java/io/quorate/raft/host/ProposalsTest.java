package io.quorate.raft.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.error.RaftError;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.raft.LogException;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ProposalsTest {
  private final RaftMetrics metrics = new RaftMetrics(new SimpleMeterRegistry(), Map.of());
  private final Proposals proposals = new Proposals(2, metrics);

  @Test
  void aStopAnswersWhatTheNodeStillOwes() {
    Proposal<String> owed = proposals.<String>begin().orElseThrow();
    proposals.end("stopped");
    assertIndeterminate(owed);
  }

  @Test
  void aProposalThatMeetsTheStopIsAnsweredByItsProposer() {
    proposals.end("stopped");
    Proposal<String> late = proposals.<String>begin().orElseThrow();
    assertThat(late.answer()).isNotDone();
    proposals.handed(late, "stopped");
    assertIndeterminate(late);
  }

  @Test
  void theFirstAnswerStands() {
    Proposal<String> done = proposals.<String>begin().orElseThrow();
    done.applied("yes");
    done.run(new Status(RaftError.ENODESHUTDOWN, "going"));
    proposals.end("stopped");
    assertThat(done.answer()).isCompletedWithValue("yes");
  }

  @Test
  void aPlaceIsGivenBackOnceHoweverManyAnswer() {
    Proposal<String> first = proposals.<String>begin().orElseThrow();
    assertThat(proposals.<String>begin()).isPresent();
    assertThat(proposals.begin()).isEmpty();
    first.applied("yes");
    first.applied("again");
    assertThat(proposals.begin()).isPresent();
    assertThat(proposals.begin()).isEmpty();
  }

  private static void assertIndeterminate(Proposal<String> proposal) {
    assertThatThrownBy(() -> proposal.answer().join())
        .cause()
        .isInstanceOfSatisfying(
            LogException.class,
            e -> assertThat(e.kind()).isEqualTo(LogException.Kind.INDETERMINATE));
  }
}
