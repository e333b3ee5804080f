package io.quorate.region.storage;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Keyspace;
import io.quorate.proto.RefusalCode;
import io.quorate.region.command.PastWrite;
import io.quorate.region.command.Refusal;
import io.quorate.region.command.WriteName;
import io.quorate.region.mvcc.ByteReader;
import io.quorate.region.mvcc.ByteWriter;
import io.quorate.region.mvcc.VersionKey;
import io.quorate.region.mvcc.VersionRecord;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.WriteBatch;

/**
 * Names of writes on disk: in the versions they wrote, and in the family {@code dedupe}, where marks lie by key, {@code key as in
 * data ‖ client ‖ sequence → format ‖ revision ‖ refusal ‖ checksum}. So both are cut, joined, copied and deleted with the keys.
 * Stateless.
 */
final class StoredNames {
  private static final int FORMAT = 1;

  private StoredNames() {}

  static byte[] place(Bytes key, WriteName name) {
    byte[] prefix = VersionKey.prefix(Keyspace.USER, key);
    return new ByteWriter(prefix.length + 16)
        .putRaw(Bytes.wrap(prefix))
        .putLong(name.client())
        .putLong(name.sequence())
        .toByteArray();
  }

  static byte[] mark(long revision, @Nullable Refusal refusal) {
    ByteWriter out = new ByteWriter(96).putByte(FORMAT).putVarint(revision);
    if (refusal == null) {
      out.putByte(0);
    } else {
      out.putByte(1)
          .putVarint(refusal.code().getNumber())
          .putBytes(Bytes.utf8(refusal.message()))
          .putVarint(refusal.compacted());
    }
    return out.putChecksum(0).toByteArray();
  }

  private static PastWrite read(byte[] mark) {
    ByteReader in = new ByteReader(mark, "mark of a write").checkWhole();
    int format = in.takeByte();
    if (format != FORMAT) {
      throw in.damaged("format " + format + " is unknown to this build; run a newer one");
    }
    long revision = in.takeVarint();
    if (in.takeByte() == 0) {
      return new PastWrite(revision, false, Optional.empty());
    }
    RefusalCode code = RefusalCode.forNumber((int) in.takeVarint());
    Refusal refusal = new Refusal(
        code == null ? RefusalCode.REFUSAL_UNSPECIFIED : code,
        in.takeBytes().toUtf8(),
        in.takeVarint());
    return new PastWrite(revision, false, Optional.of(refusal));
  }

  /** The mark that lies at the key, if there is one. */
  static Optional<PastWrite> findMark(SharedStore store, Bytes key, WriteName name) {
    return Optional.ofNullable(store.read(SharedStore.DEDUPE, place(key, name)))
        .map(StoredNames::read);
  }

  /** Finds a version of the range that bears the name, written after the name's beginning and not above the revision. */
  static OptionalLong findVersion(SharedStore store, KeyRange range, WriteName name, long upTo) {
    try (Slice lower = new Slice(DataRange.lower(range));
        Slice upper = new Slice(DataRange.upper(range.end()));
        ReadOptions options = new ReadOptions()
            .setTotalOrderSeek(true)
            .setIterateLowerBound(lower)
            .setIterateUpperBound(upper);
        RocksIterator versions = store.db().newIterator(store.data(), options)) {
      versions.seekToFirst();
      while (versions.isValid()) {
        byte[] place = versions.key();
        long revision = VersionKey.revision(place);
        if (revision > upTo) {
          versions.next();
        } else if (revision <= name.after()) {
          versions.seek(VersionKey.after(place));
        } else if (isNamed(versions, name)) {
          return OptionalLong.of(revision);
        } else {
          versions.next();
        }
      }
      versions.status();
      return OptionalLong.empty();
    } catch (RocksDBException e) {
      throw SharedStore.failed("looking for a write", e);
    }
  }

  private static boolean isNamed(RocksIterator version, WriteName name) {
    byte[] head = new byte[VersionRecord.HEAD_BYTES];
    int unused = version.value(head);
    return VersionRecord.isNamed(head, name.client(), name.sequence());
  }

  /** Forgets the marks that nobody looks for any more. On the region's apply thread. */
  static void sweep(SharedStore store, WriteBatch batch, KeyRange range, long horizon)
      throws RocksDBException {
    try (Slice lower = new Slice(DataRange.lower(range));
        Slice upper = new Slice(DataRange.upper(range.end()));
        ReadOptions options =
            new ReadOptions().setIterateLowerBound(lower).setIterateUpperBound(upper);
        RocksIterator marks = store.db().newIterator(store.family(SharedStore.DEDUPE), options)) {
      for (marks.seekToFirst(); marks.isValid(); marks.next()) {
        if (read(marks.value()).revision() <= horizon) {
          batch.delete(store.family(SharedStore.DEDUPE), marks.key());
        }
      }
      marks.status();
    }
  }
}
