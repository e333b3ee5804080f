/** What the leading PD hears from the stores: heartbeats, leaders, liveness, and who wants to be told. Never persisted. */
@NullMarked
package io.quorate.placement.registry;

import org.jspecify.annotations.NullMarked;
