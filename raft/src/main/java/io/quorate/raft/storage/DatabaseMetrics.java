package io.quorate.raft.storage;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.BaseUnits;
import java.util.concurrent.TimeUnit;

/** Binds what the database and its log writer tell of themselves; read when asked, at no cost between. Any thread. */
public final class DatabaseMetrics {
  private DatabaseMetrics() {}

  public static void bind(MeterRegistry registry, RaftDatabase database) {
    bytes(registry, database, "total.sst.files", "rocksdb.total-sst-files-size", "all data files");
    bytes(registry, database, "memtables", "rocksdb.cur-size-all-mem-tables", "unflushed writes");
    bytes(registry, database, "block.cache", "rocksdb.block-cache-usage", "cached blocks");
    bytes(
        registry,
        database,
        "block.cache.pinned",
        "rocksdb.block-cache-pinned-usage",
        "cached blocks in use");
    bytes(
        registry,
        database,
        "pending.compaction",
        "rocksdb.estimate-pending-compaction-bytes",
        "bytes that compaction is behind with");
    number(registry, database, "compactions.running", "rocksdb.num-running-compactions");
    number(registry, database, "flushes.running", "rocksdb.num-running-flushes");
    number(registry, database, "background.errors", "rocksdb.background-errors");
    number(registry, database, "write.stopped", "rocksdb.is-write-stopped");
    LogWriter writer = database.logWriter();
    FunctionCounter.builder(
            "quorate.raft.log.appends", writer, log -> log.stats().appends())
        .description("appends of groups; by syncs, the size of a group commit")
        .register(registry);
    FunctionCounter.builder(
            "quorate.raft.log.written", writer, log -> log.stats().bytes())
        .baseUnit(BaseUnits.BYTES)
        .description("records appended")
        .register(registry);
    FunctionTimer.builder(
            "quorate.raft.log.syncs",
            writer,
            log -> log.stats().syncs(),
            log -> log.stats().nanos(),
            TimeUnit.NANOSECONDS)
        .description("group commits: one write and one sync each")
        .register(registry);
    Gauge.builder("quorate.raft.log.queued", writer, LogWriter::queuedBytes)
        .baseUnit(BaseUnits.BYTES)
        .description("records that wait for the writer")
        .register(registry);
  }

  private static void bytes(
      MeterRegistry registry, RaftDatabase database, String name, String property, String what) {
    Gauge.builder("quorate.rocksdb." + name, database, db -> db.property(property))
        .baseUnit(BaseUnits.BYTES)
        .description(what)
        .register(registry);
  }

  private static void number(
      MeterRegistry registry, RaftDatabase database, String name, String property) {
    Gauge.builder("quorate.rocksdb." + name, database, db -> db.property(property))
        .description(property)
        .register(registry);
  }
}
