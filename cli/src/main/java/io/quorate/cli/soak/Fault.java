package io.quorate.cli.soak;

/** What is done to a cluster under load. */
public enum Fault {
  /** SIGKILL of the store that leads some region. */
  KILL_STORE,
  /** SIGKILL of all stores at once. */
  KILL_STORES,
  /** SIGKILL of all stores and placement drivers at once. */
  KILL_ALL,
  /** SIGSTOP of the store that leads some region, past its election timeout, then SIGCONT. */
  PAUSE_STORE,
  /** SIGKILL of the placement driver that leads. */
  KILL_PD_LEADER,
  /** SIGSTOP of the placement driver that leads, past its election timeout, then SIGCONT. */
  PAUSE_PD_LEADER
}
