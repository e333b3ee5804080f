/** Channels to other processes: one place that knows threads, TLS and limits of gRPC. */
@NullMarked
package io.quorate.client.transport;

import org.jspecify.annotations.NullMarked;
