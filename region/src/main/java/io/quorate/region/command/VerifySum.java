package io.quorate.region.command;

/**
 * What the leader's data came to at an earlier {@link ComputeSum}: a replica that got another sum there is damaged.
 *
 * @param index of that entry
 * @param sum over the versions, in order
 * @param count of the versions
 */
public record VerifySum(long index, long sum, long count) implements RegionEntry {}
