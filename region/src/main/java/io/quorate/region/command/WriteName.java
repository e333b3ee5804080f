package io.quorate.region.command;

/**
 * The name by which a client can ask for the same write again without having it done twice.
 *
 * @param client drawn at random by the client's process; 0 names nothing
 * @param sequence of the client, never used for another write; 0 names nothing
 * @param after a revision that was handed out before the write was first sent: it is done at a greater one, or not at all
 * @param repeated whether it was sent before, with an outcome that the client does not know
 */
public record WriteName(long client, long sequence, long after, boolean repeated) {
  /** Of what nobody will ask for again. */
  public static final WriteName NONE = new WriteName(0, 0, 0, false);

  /**
   * A name older than this many revisions is not looked for any more, wherever the floor is; part of rule version 2. It bounds
   * what one lookup may cost, and how many {@linkplain PastWrites marks} there can be.
   */
  public static final long WINDOW = 1_000_000;

  public WriteName {
    if (after < 0) {
      throw new IllegalArgumentException("a write first sent after revision " + after);
    }
  }

  public boolean isNamed() {
    return client != 0 && sequence != 0;
  }

  /** Names first sent after an earlier revision than this are forgotten: what was written at the floor itself stays. */
  public static long horizon(long floor, long lastStamp) {
    return Math.max(floor - 1, lastStamp - WINDOW);
  }
}
