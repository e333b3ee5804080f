package io.quorate.raft.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.error.RaftError;
import io.quorate.raft.LogException.Kind;
import org.junit.jupiter.api.Test;

/** The words are jraft's; {@code LogRefusalsIT} asks a live node for those that matter most. */
class RefusalsTest {
  @Test
  void onlyRefusalsBeforeTheAppendAreCertain() {
    assertThat(proposal(RaftError.EPERM, "Is not leader.")).isEqualTo(Kind.NOT_LEADER);
    assertThat(proposal(RaftError.EPERM, "expected_term=3 doesn't match current_term=4"))
        .isEqualTo(Kind.STALE_TERM);
    assertThat(proposal(RaftError.EBUSY, "Is transferring leadership.")).isEqualTo(Kind.BUSY);
  }

  @Test
  void steppingDownLeavesTheProposalsFateOpen() {
    assertThat(proposal(RaftError.EPERM, "Leader stepped down")).isEqualTo(Kind.INDETERMINATE);
    assertThat(proposal(RaftError.ESTATEMACHINE, "threw")).isEqualTo(Kind.INDETERMINATE);
    assertThat(proposal(RaftError.EIO, "Corrupted LogStorage")).isEqualTo(Kind.INDETERMINATE);
  }

  @Test
  void peerThatDoesNotCatchUpIsCertainlyNotAdded() {
    assertThat(change(RaftError.ECATCHUP, "Peer failed to catch up.")).isEqualTo(Kind.REFUSED);
    assertThat(change(RaftError.EPERM, "Not leader")).isEqualTo(Kind.NOT_LEADER);
    assertThat(change(RaftError.EPERM, "Leader stepped down.")).isEqualTo(Kind.INDETERMINATE);
    assertThat(change(RaftError.EBUSY, "Doing another configuration change.")).isEqualTo(Kind.BUSY);
  }

  private static Kind proposal(RaftError error, String message) {
    return Refusals.ofProposal(new Status(error, "%s", message)).kind();
  }

  private static Kind change(RaftError error, String message) {
    return Refusals.ofChange(new Status(error, "%s", message)).kind();
  }
}
