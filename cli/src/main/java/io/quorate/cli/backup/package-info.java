/** Backups of the whole keyspace at one revision: their files, how they are taken and put back. */
@NullMarked
package io.quorate.cli.backup;

import org.jspecify.annotations.NullMarked;
