/** The Java client of Quorate: {@link io.quorate.client.QuorateClient} is the door. */
@NullMarked
package io.quorate.client;

import org.jspecify.annotations.NullMarked;
