package io.quorate.cli.backup;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quorate.client.backup.BackupException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * What a backup is, written last: without it, or with another checksum, there is no backup. Pure.
 *
 * @param format of all of it
 * @param clusterId whose it is, in hexadecimal
 * @param revision as of which
 * @param takenMillis by a wall clock, for people
 * @param keys in all files
 * @param leases that lived then, or had keys then
 * @param files in key order
 */
record Manifest(
    int format,
    String clusterId,
    long revision,
    long takenMillis,
    long keys,
    List<BackupLease> leases,
    List<BackupFile> files) {
  static final String NAME = "manifest.json";
  static final int FORMAT = 2;

  private static final ObjectMapper MAPPER = new ObjectMapper();

  /**
   * One file.
   *
   * @param name in the backup's directory
   * @param kind of what it holds: keys
   * @param keys it holds
   * @param bytes its length
   * @param checksum CRC-32C of all of it
   */
  record BackupFile(String name, String kind, long keys, long bytes, long checksum) {
    static final String KEYS = "keys";
  }

  /**
   * One lease.
   *
   * @param ttlSeconds as granted; 0 if it ended while the backup was taken
   */
  record BackupLease(long id, long ttlSeconds) {}

  Manifest {
    leases = List.copyOf(leases);
    files = List.copyOf(files);
  }

  /** Two lines: the manifest, and its CRC-32C. */
  String encode() {
    try {
      String json = MAPPER.writeValueAsString(this);
      return json + "\n" + checksum(json) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  static Manifest decode(String text) {
    String[] lines = text.split("\n", -1);
    if (lines.length < 2 || !lines[1].strip().equals(checksum(lines[0]))) {
      throw new BackupException("the manifest is damaged: its checksum does not fit");
    }
    try {
      int format = MAPPER.readTree(lines[0]).path("format").asInt();
      if (format != FORMAT) {
        throw new BackupException("the backup has format " + format + ", this build reads " + FORMAT
            + ": use the build that wrote it");
      }
      return MAPPER.readValue(lines[0], Manifest.class);
    } catch (JsonProcessingException e) {
      throw new BackupException("the manifest is damaged: " + e.getOriginalMessage(), e);
    }
  }

  private static String checksum(String json) {
    CRC32C sum = new CRC32C();
    sum.update(json.getBytes(StandardCharsets.UTF_8));
    return Long.toHexString(sum.getValue());
  }
}
