package io.quorate.region.command;

/**
 * Lets every replica sum up its data as of this entry, so that {@link VerifySum} can compare them.
 *
 * @param revision versions visible at or above it count; what local cleaning may have removed does not
 */
public record ComputeSum(long revision) implements RegionEntry {}
