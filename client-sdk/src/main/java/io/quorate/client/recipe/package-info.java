/**
 * What is built of leases, transactions and watches: locks, elections, queues, caches. Each keeps its keys under one prefix, and gives
 * with what it hands out a revision by which later writes can be fenced.
 */
@NullMarked
package io.quorate.client.recipe;

import org.jspecify.annotations.NullMarked;
