/**
 * The placement driver as its callers see it: finds the leader of the PD group, follows it, asks it
 * for regions, ids and revisions. Used by the SDK and by stores.
 */
@NullMarked
package io.quorate.client.placement;

import org.jspecify.annotations.NullMarked;
