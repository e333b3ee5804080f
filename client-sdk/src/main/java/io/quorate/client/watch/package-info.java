/** Watching keys, over any number of regions: streams to stores, the merge of what they tell, and delivery to the user. */
@NullMarked
package io.quorate.client.watch;

import org.jspecify.annotations.NullMarked;
