/** Which region owns a key and who leads it: an immutable table, and the directory that feeds it. */
@NullMarked
package io.quorate.client.route;

import org.jspecify.annotations.NullMarked;
