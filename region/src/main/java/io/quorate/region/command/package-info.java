/** What a region's log carries: each instruction is a record with its rule. Pure: judged only by the replicated state it is given. */
@NullMarked
package io.quorate.region.command;

import org.jspecify.annotations.NullMarked;
