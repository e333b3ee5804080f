/** What of the past is kept: barriers, the map from age to revision, retention. Values and rules, all pure. */
@NullMarked
package io.quorate.placement.history;

import org.jspecify.annotations.NullMarked;
