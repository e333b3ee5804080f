/**
 * What the cluster is: the immutable image that every PD member rebuilds by replaying the same records, the records and
 * their rules, and the plan of the first regions. Pure: no threads, clocks, sockets or files.
 */
@NullMarked
package io.quorate.placement.cluster;

import org.jspecify.annotations.NullMarked;
