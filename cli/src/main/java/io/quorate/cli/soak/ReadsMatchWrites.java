package io.quorate.cli.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is read was put: on that key, at that revision, and not after the read had ended. */
final class ReadsMatchWrites implements Invariant {
  @Override
  public List<String> violations(History history) {
    List<String> violations = new ArrayList<>();
    for (Op read : history.reads()) {
      if (read.revision() == 0 || violations.size() == TOLD_MAX) {
        continue;
      }
      Optional<Op> put = history.put(read.value());
      if (put.isEmpty() || put.get().key() != read.key()) {
        violations.add("nobody put what was read: " + read);
      } else if (put.get().isAcked() && put.get().revision() != read.revision()) {
        violations.add("read at another revision than it was put: " + read + ", " + put.get());
      } else if (put.get().began() > read.ended()) {
        violations.add("read before it was put: " + read + ", " + put.get());
      } else if (read.snapshot() > 0 && read.revision() > read.snapshot()) {
        violations.add("newer than the snapshot it is in: " + read);
      }
    }
    return violations;
  }
}
