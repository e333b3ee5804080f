package io.quorate.raft;

/**
 * How far another replica has come, as its leader knows by its answers.
 *
 * @param replica whose
 * @param matched index up to which it has proved to hold the leader's log; -1 while it has proved nothing
 * @param silentMillis time since it last answered; {@code Long.MAX_VALUE} if nobody asks it
 */
public record ReplicaProgress(ReplicaId replica, long matched, long silentMillis) {}
