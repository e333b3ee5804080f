/** How keys lie in files: backups of directories and snapshots in one file. Pure. */
@NullMarked
package io.quorate.client.backup;

import org.jspecify.annotations.NullMarked;
