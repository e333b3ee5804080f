/**
 * What a region does for transactions over several regions: locks, decisions, and the rules of both. Pure: judged only by the
 * replicated state it is given.
 */
@NullMarked
package io.quorate.region.transaction;

import org.jspecify.annotations.NullMarked;
