package io.quorate.raft.storage;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * What a database takes on disk. Immutable.
 *
 * @param files bytes of all its files, write-ahead logs included
 * @param live of these, what is not merely waiting to be deleted
 */
public record DiskUse(long files, long live) {
  /**
   * Lists the directory; of the tables, which may be many, the database itself knows the sizes.
   *
   * @param tables bytes of all of them
   * @param liveTables of those that still hold data
   */
  static DiskUse of(Path directory, long tables, long liveTables) throws IOException {
    long others = 0;
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(directory, file -> !file.toString().endsWith(".sst"))) {
      for (Path file : files) {
        others += sizeIfThere(file);
      }
    } catch (DirectoryIteratorException unreadable) {
      throw unreadable.getCause();
    }
    return new DiskUse(tables + others, liveTables + others);
  }

  private static long sizeIfThere(Path file) throws IOException {
    try {
      return Files.size(file);
    } catch (NoSuchFileException gone) {
      return 0;
    }
  }
}
