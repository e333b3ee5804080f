/**
 * Watching one region: who watches what, how far each is, and the way from the log or the disk to a connection. Knows no
 * transport: messages leave through a sink that says when it has room.
 */
@NullMarked
package io.quorate.region.watch;

import org.jspecify.annotations.NullMarked;
