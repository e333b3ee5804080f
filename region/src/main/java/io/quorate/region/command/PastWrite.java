package io.quorate.region.command;

import java.util.Optional;

/**
 * What became of a named write.
 *
 * @param revision the stamp that it was judged by
 * @param changed whether it wrote anything
 * @param refusal why it was refused, if it was
 */
public record PastWrite(long revision, boolean changed, Optional<Refusal> refusal) {}
