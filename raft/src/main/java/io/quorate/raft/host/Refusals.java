package io.quorate.raft.host;

import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.error.RaftError;
import io.quorate.raft.LogException;
import io.quorate.raft.LogException.Kind;

/**
 * What a status of jraft lets the caller conclude. jraft uses one code for "not leader" before an entry is taken and "stepped
 * down" after, so its words decide; what is not known for certain is indeterminate.
 */
final class Refusals {
  private static final String NOT_LEADER = "Is not leader.";
  private static final String NOT_LEADER_CHANGE = "Not leader";
  private static final String STALE_TERM = "expected_term=";

  private Refusals() {}

  /** Of a proposal that was handed to jraft (NodeImpl.apply, executeApplyingTasks). */
  static LogException ofProposal(Status status) {
    String why = text(status);
    return new LogException(
        switch (status.getRaftError()) {
          case EPERM -> ofPermission(why);
          case EBUSY -> Kind.BUSY;
          case ENODESHUTDOWN -> Kind.REFUSED;
          default -> Kind.INDETERMINATE;
        },
        why);
  }

  private static Kind ofPermission(String why) {
    if (why.equals(NOT_LEADER)) {
      return Kind.NOT_LEADER;
    }
    return why.startsWith(STALE_TERM) ? Kind.STALE_TERM : Kind.INDETERMINATE;
  }

  /** Of a change of members (NodeImpl.unsafeRegisterConfChange, ConfigurationCtx). */
  static LogException ofChange(Status status) {
    String why = text(status);
    RaftError error = status.getRaftError();
    if (error == RaftError.EPERM && why.equals(NOT_LEADER_CHANGE)) {
      return new LogException(Kind.NOT_LEADER, why);
    }
    if (error == RaftError.EBUSY) {
      return new LogException(Kind.BUSY, why);
    }
    // A peer that does not catch up is given up before anything is written.
    return new LogException(error == RaftError.ECATCHUP ? Kind.REFUSED : Kind.INDETERMINATE, why);
  }

  /** Of a transfer, which is decided before anything is sent. */
  static LogException ofTransfer(Status status) {
    RaftError error = status.getRaftError();
    if (error == RaftError.EBUSY) {
      return new LogException(Kind.BUSY, text(status));
    }
    return new LogException(
        error == RaftError.EPERM ? Kind.NOT_LEADER : Kind.REFUSED, text(status));
  }

  private static String text(Status status) {
    String message = status.getErrorMsg();
    return message == null ? "code " + status.getCode() : message;
  }
}
