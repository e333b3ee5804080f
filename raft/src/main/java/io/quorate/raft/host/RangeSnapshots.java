package io.quorate.raft.host;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.rocksdb.WriteBatch;

/**
 * Snapshots of machines that persist their state themselves in the host's database: a local snapshot is only a note that the
 * log may be cut; files are built on demand, when another replica needs them. Implemented by the machine's owner.
 */
public interface RangeSnapshots {
  /** Holds on to the state as of now, cheaply. Any thread, also while entries are applied. */
  Pinned pin();

  /**
   * Whether any member of now can begin with a state pinned earlier and apply all entries from there on. Any thread.
   *
   * @param description what {@link Pinned#description} said then
   */
  boolean suffices(byte[] description);

  /**
   * Why a snapshot may not come in here now, if so; else its place is kept until {@link #install} or {@link #abandon}. Called
   * before its files are fetched, on the thread that fetches.
   *
   * @param description what {@link Pinned#description} said at the sender
   */
  Optional<String> refusal(byte[] description);

  /** No install will follow the last {@link #refusal} that refused nothing. */
  void abandon();

  /**
   * Replaces this replica's whole state by the files', durable on return; if the process dies midway, the next start finds an
   * empty replica. Called on the apply thread.
   *
   * @param files of the directory may be moved away
   * @param index last applied entry in them, to be durable with them
   * @param term of that entry
   * @param description as for {@link #refusal}
   * @param raftState adds the group's own note to the batch that makes all of it valid
   */
  void install(
      Path files, long index, long term, byte[] description, Consumer<WriteBatch> raftState)
      throws Exception;

  /** A state that is held on to; one user. */
  interface Pinned extends AutoCloseable {
    /** Last entry whose effects are in it. */
    long index();

    /** Term of that entry. */
    long term();

    /** What a receiver must know before it fetches the files; opaque to the host, small. */
    byte[] description();

    /** Writes the state into files of the empty directory. Once, on a thread that may wait. */
    void write(Path directory) throws Exception;

    @Override
    void close();
  }
}
