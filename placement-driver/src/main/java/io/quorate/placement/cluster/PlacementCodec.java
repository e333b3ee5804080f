package io.quorate.placement.cluster;

import io.quorate.auth.AuthImage;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.model.StoreDescriptor;
import io.quorate.model.StoreId;
import io.quorate.model.Wire;
import io.quorate.placement.history.History;
import io.quorate.proto.AdministerRequest;
import io.quorate.proto.AuthRules;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * Bytes of log records and of the image in snapshots: format number, type, body, CRC-32C over all before it. What it does
 * not know or what does not add up it refuses with a clear word; it never guesses. Pure.
 */
public final class PlacementCodec {
  /** Format of everything written by this build. */
  static final byte FORMAT = 1;

  private static final byte FOUND_CLUSTER = 1;
  private static final byte REGISTER_STORE = 2;
  private static final byte BOOTSTRAP = 3;
  private static final byte ALLOCATE_IDS = 4;
  private static final byte EXTEND_REVISIONS = 5;
  private static final byte UPDATE_REGIONS = 6;
  private static final byte CHANGE_STORE_STATE = 7;
  private static final byte NOTE_PLANNING = 8;
  private static final byte COMPACT = 9;
  private static final byte HOLD_BARRIER = 10;
  private static final byte RENEW_BARRIER = 11;
  private static final byte DROP_BARRIER = 12;
  private static final byte NOTE_TIME = 13;
  private static final byte CHANGE_AUTH = 14;
  private static final byte IMAGE = 100;
  private static final int CHECKSUM_BYTES = 4;

  private PlacementCodec() {}

  public static byte[] encode(PlacementRecord record) {
    if (record instanceof FoundCluster found) {
      return seal(FOUND_CLUSTER, out -> {
        out.writeLong(found.clusterId());
        out.writeLong(found.featureLevel());
      });
    } else if (record instanceof RegisterStore register) {
      return seal(REGISTER_STORE, out -> writeStore(out, register.store()));
    } else if (record instanceof Bootstrap bootstrap) {
      return seal(BOOTSTRAP, out -> {
        out.writeLong(bootstrap.idsBefore());
        out.writeLong(bootstrap.idsAfter());
        writeFounding(out, bootstrap.regions());
      });
    } else if (record instanceof AllocateIds allocate) {
      return seal(ALLOCATE_IDS, out -> out.writeInt(allocate.count()));
    } else if (record instanceof ExtendRevisions extend) {
      return seal(EXTEND_REVISIONS, out -> out.writeLong(extend.bound()));
    } else if (record instanceof UpdateRegions update) {
      return seal(UPDATE_REGIONS, out -> writeRegions(out, update.regions()));
    } else if (record instanceof ChangeStoreState change) {
      return seal(CHANGE_STORE_STATE, out -> {
        out.writeLong(change.store().value());
        out.writeUTF(change.from().name());
        out.writeUTF(change.to().name());
      });
    } else if (record instanceof Compact compact) {
      return seal(COMPACT, out -> {
        out.writeLong(compact.revision());
        out.writeLong(compact.nonce());
      });
    } else if (record instanceof HoldBarrier hold) {
      return seal(HOLD_BARRIER, out -> HistoryCodec.write(out, hold.barrier()));
    } else if (record instanceof RenewBarrier renew) {
      return seal(RENEW_BARRIER, out -> out.writeUTF(renew.name()));
    } else if (record instanceof DropBarrier drop) {
      return seal(DROP_BARRIER, out -> {
        out.writeUTF(drop.name());
        out.writeLong(drop.renewals());
      });
    } else if (record instanceof NoteTime note) {
      return seal(NOTE_TIME, out -> HistoryCodec.write(out, note.sample()));
    }
    if (record instanceof ChangeAuth auth) {
      return seal(CHANGE_AUTH, out -> writeBytes(out, auth.change().toByteArray()));
    }
    if (record instanceof NotePlanning note) {
      return seal(NOTE_PLANNING, out -> writePlanning(out, note.notes()));
    }
    throw new IllegalStateException("no encoding for " + record.getClass());
  }

  /** Throws {@link IllegalStateException} for bytes that this build did not write or that changed since. */
  public static PlacementRecord decode(Bytes bytes) {
    try {
      DataInputStream in = open(bytes.unsafeArray());
      byte type = in.readByte();
      PlacementRecord record = read(type, in);
      requireEnd(in, type);
      return record;
    } catch (IOException e) {
      throw new IllegalStateException("a placement record ends too early: " + bytes.toHex(), e);
    }
  }

  public static byte[] encodeImage(ClusterImage image) {
    return seal(IMAGE, out -> {
      out.writeLong(image.clusterId());
      out.writeLong(image.featureLevel());
      out.writeLong(image.lastStoreId());
      out.writeLong(image.lastId());
      out.writeLong(image.marks().bound());
      out.writeLong(image.marks().compacted());
      out.writeLong(image.marks().auth());
      out.writeInt(image.stores().size());
      for (StoreDescriptor store : image.stores().values()) {
        writeStore(out, store);
      }
      writeRegions(out, image.regions().values());
      writeFounding(out, image.founding());
      writePlanning(out, image.planning());
      HistoryCodec.write(out, image.history());
      if (!image.auth().equals(AuthImage.EMPTY)) {
        // Where there are no users, images are as earlier builds read them.
        writeBytes(out, image.auth().message(/* hashes= */ true).toByteArray());
      }
    });
  }

  /** Throws {@link IllegalStateException} as {@link #decode} does. */
  public static ClusterImage decodeImage(byte[] bytes) {
    try {
      DataInputStream in = open(bytes);
      byte type = in.readByte();
      if (type != IMAGE) {
        throw new IllegalStateException("a snapshot of type " + type + " is no cluster image");
      }
      long clusterId = in.readLong();
      long featureLevel = in.readLong();
      long lastStoreId = in.readLong();
      long lastId = in.readLong();
      ClusterImage.Marks marks =
          new ClusterImage.Marks(in.readLong(), in.readLong(), in.readLong());
      SortedMap<StoreId, StoreDescriptor> stores = new TreeMap<>();
      int count = in.readInt();
      for (int i = 0; i < count; i++) {
        StoreDescriptor store = readStore(in);
        stores.put(store.id(), store);
      }
      SortedMap<RegionId, RegionDescriptor> regions = new TreeMap<>();
      readRegions(in).forEach(region -> regions.put(region.id(), region));
      List<FoundingRegion> founding = readFounding(in);
      // Images of earlier builds end here, or one or two lines later.
      PlanningNotes planning = in.available() > 0 ? readPlanning(in) : PlanningNotes.NONE;
      History history = in.available() > 0 ? HistoryCodec.readHistory(in) : History.EMPTY;
      AuthImage auth =
          in.available() > 0 ? AuthImage.of(AuthRules.parseFrom(readBytes(in))) : AuthImage.EMPTY;
      requireEnd(in, type);
      return new ClusterImage(
          clusterId,
          featureLevel,
          lastStoreId,
          lastId,
          marks,
          stores,
          regions,
          founding,
          planning,
          history,
          auth);
    } catch (IOException e) {
      throw new IllegalStateException("the cluster image ends too early", e);
    }
  }

  private static PlacementRecord read(byte type, DataInputStream in) throws IOException {
    return switch (type) {
      case FOUND_CLUSTER -> new FoundCluster(in.readLong(), in.readLong());
      case REGISTER_STORE -> new RegisterStore(readStore(in));
      case BOOTSTRAP -> new Bootstrap(in.readLong(), in.readLong(), readFounding(in));
      case ALLOCATE_IDS -> new AllocateIds(in.readInt());
      case EXTEND_REVISIONS -> new ExtendRevisions(in.readLong());
      case UPDATE_REGIONS -> new UpdateRegions(readRegions(in));
      case CHANGE_STORE_STATE ->
        new ChangeStoreState(
            new StoreId(in.readLong()),
            StoreDescriptor.State.valueOf(in.readUTF()),
            StoreDescriptor.State.valueOf(in.readUTF()));
      case NOTE_PLANNING -> new NotePlanning(readPlanning(in));
      case COMPACT -> new Compact(in.readLong(), in.readLong());
      case HOLD_BARRIER -> new HoldBarrier(HistoryCodec.readBarrier(in));
      case RENEW_BARRIER -> new RenewBarrier(in.readUTF());
      case DROP_BARRIER -> new DropBarrier(in.readUTF(), in.readLong());
      case CHANGE_AUTH -> new ChangeAuth(AdministerRequest.parseFrom(readBytes(in)));
      case NOTE_TIME -> new NoteTime(HistoryCodec.readSample(in));
      default ->
        throw new IllegalStateException("a placement record has the unknown type " + type
            + ": it was written by a later build");
    };
  }

  private interface Body {
    void write(DataOutputStream out) throws IOException;
  }

  private static byte[] seal(byte type, Body body) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      out.writeByte(FORMAT);
      out.writeByte(type);
      body.write(out);
      out.writeInt(checksum(bytes.toByteArray(), bytes.size()));
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Checks format and sum, and stands at the type. */
  private static DataInputStream open(byte[] bytes) throws IOException {
    int length = bytes.length - CHECKSUM_BYTES;
    if (length < 2) {
      throw new IllegalStateException("a placement record of " + bytes.length + " bytes is none");
    }
    int stored = ByteBuffer.wrap(bytes, length, CHECKSUM_BYTES).getInt();
    if (stored != checksum(bytes, length)) {
      throw new IllegalStateException(
          "a placement record of " + bytes.length
              + " bytes is corrupt: its checksum does not fit. Replace this member's data from a healthy one");
    }
    if (bytes[0] != FORMAT) {
      throw new IllegalStateException("a placement record has format " + bytes[0]
          + ", this build reads " + FORMAT + ": run the build that wrote it");
    }
    return new DataInputStream(new ByteArrayInputStream(bytes, 1, length - 1));
  }

  private static int checksum(byte[] bytes, int length) {
    CRC32C sum = new CRC32C();
    sum.update(bytes, 0, length);
    return (int) sum.getValue();
  }

  private static void requireEnd(DataInputStream in, byte type) throws IOException {
    if (in.available() > 0) {
      throw new IllegalStateException(
          "a placement record of type " + type + " has " + in.available() + " bytes too many");
    }
  }

  private static void writeStore(DataOutputStream out, StoreDescriptor store) throws IOException {
    writeBytes(out, Wire.store(store).toByteArray());
  }

  private static StoreDescriptor readStore(DataInputStream in) throws IOException {
    return Wire.store(io.quorate.proto.StoreDescriptor.parseFrom(readBytes(in)));
  }

  private static void writeRegions(DataOutputStream out, Collection<RegionDescriptor> regions)
      throws IOException {
    out.writeInt(regions.size());
    for (RegionDescriptor region : regions) {
      writeBytes(out, Wire.region(region).toByteArray());
    }
  }

  private static List<RegionDescriptor> readRegions(DataInputStream in) throws IOException {
    int count = in.readInt();
    List<RegionDescriptor> regions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      regions.add(readRegion(in));
    }
    return regions;
  }

  private static RegionDescriptor readRegion(DataInputStream in) throws IOException {
    return Wire.region(io.quorate.proto.RegionDescriptor.parseFrom(readBytes(in)));
  }

  private static void writeFounding(DataOutputStream out, List<FoundingRegion> regions)
      throws IOException {
    out.writeInt(regions.size());
    for (FoundingRegion region : regions) {
      writeBytes(out, Wire.region(region.descriptor()).toByteArray());
      out.writeLong(region.preferredLeader().value());
    }
  }

  private static List<FoundingRegion> readFounding(DataInputStream in) throws IOException {
    int count = in.readInt();
    List<FoundingRegion> regions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      RegionDescriptor descriptor = readRegion(in);
      regions.add(new FoundingRegion(descriptor, new StoreId(in.readLong())));
    }
    return regions;
  }

  private static void writePlanning(DataOutputStream out, PlanningNotes notes) throws IOException {
    out.writeInt(notes.paused().size());
    for (Map.Entry<String, Long> paused : notes.paused().entrySet()) {
      out.writeUTF(paused.getKey());
      out.writeLong(paused.getValue());
    }
    out.writeInt(notes.scattered().size());
    for (Map.Entry<KeyRange, Long> scattered : notes.scattered().entrySet()) {
      writeBytes(out, scattered.getKey().start().toByteArray());
      writeBytes(out, scattered.getKey().end().toByteArray());
      out.writeLong(scattered.getValue());
    }
  }

  private static PlanningNotes readPlanning(DataInputStream in) throws IOException {
    SortedMap<String, Long> paused = new TreeMap<>();
    int rules = in.readInt();
    for (int i = 0; i < rules; i++) {
      paused.put(in.readUTF(), in.readLong());
    }
    Map<KeyRange, Long> scattered = new LinkedHashMap<>();
    int ranges = in.readInt();
    for (int i = 0; i < ranges; i++) {
      Bytes start = Bytes.wrap(readBytes(in));
      scattered.put(KeyRange.of(start, Bytes.wrap(readBytes(in))), in.readLong());
    }
    return new PlanningNotes(paused, scattered);
  }

  private static void writeBytes(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static byte[] readBytes(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > in.available()) {
      throw new IllegalStateException(
          "a placement record names " + length + " bytes where " + in.available() + " are");
    }
    return in.readNBytes(length);
  }
}
