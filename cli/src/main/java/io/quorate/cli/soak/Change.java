package io.quorate.cli.soak;

/** What is done to the regions of a cluster under load, by order of the placement driver. */
public enum Change {
  /** A region is cut at a key drawn at random. */
  SPLIT,
  /** A region takes in its right neighbour. */
  MERGE,
  /** A region's leadership goes to another of its replicas. */
  TRANSFER,
  /** A replica goes from one store to another. */
  MOVE
}
