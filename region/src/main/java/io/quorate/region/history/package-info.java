/** Removal of what nobody may read any more: floors that follow PD's, and the local cleaning up to them. */
@NullMarked
package io.quorate.region.history;

import org.jspecify.annotations.NullMarked;
