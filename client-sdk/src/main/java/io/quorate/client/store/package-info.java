/** One batched stream to one store, shared by all requests of a client. */
@NullMarked
package io.quorate.client.store;

import org.jspecify.annotations.NullMarked;
