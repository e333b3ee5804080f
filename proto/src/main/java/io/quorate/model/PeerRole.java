package io.quorate.model;

/** Whether a replica counts in majorities. */
public enum PeerRole {
  VOTER,
  LEARNER
}
