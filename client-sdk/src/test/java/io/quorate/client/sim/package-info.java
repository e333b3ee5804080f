/** A cluster of fakes that honour the wire contract: real gRPC on loopback, a naive state behind it. */
@NullMarked
package io.quorate.client.sim;

import org.jspecify.annotations.NullMarked;
