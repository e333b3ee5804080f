/**
 * What PD's leader wants to have moved, and why: a view of the cluster, checkers and schedulers that plan operators from it,
 * and the book of operators under way. Pure: no threads, clocks, sockets or files; time is an argument.
 */
@NullMarked
package io.quorate.placement.schedule;

import org.jspecify.annotations.NullMarked;
