/** What to do when a request did not succeed: pure, so that every rule can be told by a script. */
@NullMarked
package io.quorate.client.retry;

import org.jspecify.annotations.NullMarked;
