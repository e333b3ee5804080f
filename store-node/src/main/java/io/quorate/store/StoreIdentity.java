package io.quorate.store;

import io.quorate.model.StoreId;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Who a store is, for as long as its data directory lives; a wiped directory makes another store.
 *
 * @param clusterId the cluster it joined; 0 until it did
 * @param store the number PD gave it; {@link StoreId#NONE} until it did
 * @param incarnation drawn at random when the directory was made; never 0
 */
public record StoreIdentity(long clusterId, StoreId store, long incarnation) {
  private static final String HEAD =
      "# Identity of a Quorate store. Not to be edited, copied or removed.\n";
  private static final int FORMAT = 1;

  /** A store that PD does not know yet. */
  static StoreIdentity unjoined(long incarnation) {
    return new StoreIdentity(0, StoreId.NONE, incarnation);
  }

  boolean joined() {
    return !store.equals(StoreId.NONE);
  }

  StoreIdentity joined(long cluster, StoreId as) {
    return new StoreIdentity(cluster, as, incarnation);
  }

  /** The content of the identity file. */
  String encode() {
    String body = HEAD
        + "format=" + FORMAT + "\n"
        + "kind=store\n"
        + "cluster=" + Long.toHexString(clusterId) + "\n"
        + "store=" + store + "\n"
        + "incarnation=" + Long.toHexString(incarnation) + "\n";
    return body + "checksum=" + checksum(body) + "\n";
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws StoreStartException if the text is damaged, of another kind or of a later format
   */
  static StoreIdentity decode(String text, String file) {
    Map<String, String> fields = new HashMap<>();
    text.lines().filter(line -> line.indexOf('=') > 0).forEach(line -> {
      int at = line.indexOf('=');
      fields.put(line.substring(0, at), line.substring(at + 1));
    });
    if (!Integer.toString(FORMAT).equals(fields.get("format"))) {
      throw new StoreStartException(
          file + " has format " + fields.get("format") + ", this build reads format " + FORMAT
              + ": start the build that wrote it, or a newer one");
    }
    if (!"store".equals(fields.get("kind"))) {
      throw new StoreStartException(file + " is not a store's but a " + fields.get("kind")
          + "'s: give --data-dir the directory of a store");
    }
    int end = text.indexOf("checksum=");
    if (end < 0 || !checksum(text.substring(0, end)).equals(fields.get("checksum"))) {
      throw damaged(file);
    }
    try {
      return new StoreIdentity(
          Long.parseUnsignedLong(fields.getOrDefault("cluster", ""), 16),
          new StoreId(Long.parseLong(fields.getOrDefault("store", ""))),
          Long.parseUnsignedLong(fields.getOrDefault("incarnation", ""), 16));
    } catch (NumberFormatException e) {
      throw damaged(file);
    }
  }

  private static StoreStartException damaged(String file) {
    return new StoreStartException(file + " is damaged (its checksum does not fit): "
        + "retire this store and start a new one on an empty directory");
  }

  private static String checksum(String body) {
    CRC32C crc = new CRC32C();
    crc.update(body.getBytes(StandardCharsets.UTF_8));
    return Long.toHexString(crc.getValue());
  }
}
