package io.quorate.cli.backup;

import io.quorate.client.KeyValue;
import java.util.List;
import java.util.function.Consumer;

/** Something to restore from. Its files may be read by several threads, each by one. */
interface BackupSource {
  /** What it holds. */
  Manifest manifest();

  /** Reads all of a file and throws if it is not what the manifest says. */
  void verify(Manifest.BackupFile file);

  /** Hands on the keys of a file, block by block. */
  void read(Manifest.BackupFile file, Consumer<List<KeyValue>> each);
}
