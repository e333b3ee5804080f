package io.quorate.raft;

/**
 * The state a group starts from: its log begins after this point, with this point as its base, so that an empty peer added
 * later receives a snapshot and never replays from nothing.
 *
 * @param group the new group
 * @param index at least 1; the same on all its replicas
 * @param term at least 1; the same on all its replicas
 * @param membership its first members
 */
public record GroupSeed(GroupId group, long index, long term, Membership membership) {}
