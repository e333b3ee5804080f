package io.quorate.raft.storage;

import java.util.function.Consumer;
import org.rocksdb.ColumnFamilyOptions;

/**
 * A column family of the caller's in the shared database.
 *
 * @param name neither {@code default}, {@code log} nor {@code raft}
 * @param tune changes options that are already set to the database's defaults (shared cache, bloom filter, LZ4); called on
 *     the opening thread
 */
public record FamilySpec(String name, Consumer<ColumnFamilyOptions> tune) {
  public static FamilySpec plain(String name) {
    return new FamilySpec(name, options -> {});
  }
}
