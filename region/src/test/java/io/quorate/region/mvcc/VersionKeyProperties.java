package io.quorate.region.mvcc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.model.Bytes;
import io.quorate.model.Keyspace;
import io.quorate.testing.Seeds;
import java.util.Arrays;
import java.util.Random;

/** The encoded places of versions order as keys, then revisions, then sub-revisions do. */
final class VersionKeyProperties {
  /** Keys full of what the encoding must escape, of every length around the filter's prefix. */
  private static Bytes key(Random random) {
    byte[] key = new byte[random.nextInt(40)];
    for (int i = 0; i < key.length; i++) {
      key[i] = switch (random.nextInt(4)) {
        case 0 -> 0;
        case 1 -> 1;
        case 2 -> (byte) 0xff;
        default -> (byte) ('a' + random.nextInt(2));
      };
    }
    return Bytes.wrap(key);
  }

  private static Bytes near(Random random, Bytes key) {
    return switch (random.nextInt(4)) {
      case 0 -> key;
      case 1 -> key.next();
      case 2 -> key.concat(Bytes.fromHex("01"));
      default -> key(random);
    };
  }

  private static long revision(Random random) {
    return random.nextLong() >>> (1 + random.nextInt(62));
  }

  @Seeds(2000)
  void placesOrderAsVersionsDo(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 20; i++) {
      Bytes left = key(random);
      Bytes right = near(random, left);
      long leftRevision = revision(random);
      long rightRevision = random.nextBoolean() ? leftRevision : revision(random);
      int leftSub = random.nextInt(1 << random.nextInt(20));
      int rightSub = random.nextInt(1 << random.nextInt(20));
      byte[] a = VersionKey.encode(Keyspace.USER, left, leftRevision, leftSub, false);
      byte[] b =
          VersionKey.encode(Keyspace.USER, right, rightRevision, rightSub, random.nextBoolean());
      int expected = left.compareTo(right);
      expected = expected != 0 ? expected : Long.compare(rightRevision, leftRevision);
      expected = expected != 0 ? expected : Integer.compare(rightSub, leftSub);
      if (expected != 0) {
        assertThat(Integer.signum(Arrays.compareUnsigned(a, b)))
            .isEqualTo(Integer.signum(expected));
      }
      assertThat(VersionKey.sameKey(a, b)).isEqualTo(left.equals(right));
    }
  }

  @Seeds(500)
  void placesTellWhatTheyAreOf(long seed) {
    Random random = new Random(seed);
    Bytes key = key(random);
    long revision = revision(random);
    int sub = random.nextInt(1 << 20);
    boolean tombstone = random.nextBoolean();
    byte[] place = VersionKey.encode(Keyspace.SYSTEM, key, revision, sub, tombstone);
    assertThat(VersionKey.key(place)).isEqualTo(key);
    assertThat(VersionKey.revision(place)).isEqualTo(revision);
    assertThat(VersionKey.sub(place)).isEqualTo(sub);
    assertThat(VersionKey.isTombstone(place)).isEqualTo(tombstone);
    assertThat(place[0]).isEqualTo((byte) 's');
    assertThat(place.length)
        .isGreaterThanOrEqualTo(VersionKey.PREFIX_BYTES + VersionKey.SUFFIX_BYTES);
  }

  @Seeds(500)
  void seeksAndBoundsFallWhereTheyShould(long seed) {
    Random random = new Random(seed);
    Bytes key = key(random);
    Bytes other = near(random, key);
    long revision = 1 + (revision(random) >>> 1);
    byte[] place =
        VersionKey.encode(Keyspace.USER, key, revision, random.nextInt(9), random.nextBoolean());
    assertThat(compare(VersionKey.seek(Keyspace.USER, key, revision), place)).isNegative();
    assertThat(compare(VersionKey.seek(Keyspace.USER, key, revision - 1), place))
        .isPositive();
    assertThat(compare(VersionKey.seek(Keyspace.USER, key, Long.MAX_VALUE), place))
        .isNegative();
    assertThat(VersionKey.seekFrom(place, 7)).isEqualTo(VersionKey.seek(Keyspace.USER, key, 7));
    assertThat(compare(VersionKey.after(place), place)).isPositive();
    assertThat(compare(VersionKey.endOf(Keyspace.USER), place)).isPositive();
    int order = Integer.signum(key.compareTo(other));
    byte[] bound = VersionKey.bound(Keyspace.USER, other);
    assertThat(compare(place, bound)).isEqualTo(order == 0 ? 1 : order);
    byte[] elsewhere = VersionKey.encode(Keyspace.USER, other, revision, 0, false);
    if (order != 0) {
      assertThat(compare(VersionKey.after(place), elsewhere)).isEqualTo(order);
    }
  }

  @Seeds(500)
  void aRecordComesBackAsItWasOrNotAtAll(long seed) {
    Random random = new Random(seed);
    byte[] value = new byte[random.nextInt(300)];
    random.nextBytes(value);
    long revision = 1 + revision(random);
    Version version = random.nextInt(4) == 0
        ? Version.tombstone(revision, 3)
        : new Version(
            revision,
            3,
            1 + revision(random),
            1 + revision(random),
            revision(random),
            Bytes.wrap(value));
    byte[] place = VersionKey.encode(Keyspace.USER, key(random), revision, 3, !version.isLive());
    byte[] record = VersionRecord.encode(version);
    assertThat(VersionRecord.decode(place, record, true)).isEqualTo(version);
    byte[] head = Arrays.copyOf(record, Math.min(record.length, VersionRecord.HEAD_BYTES));
    assertThat(VersionRecord.decode(place, head, false)).isEqualTo(version.withoutValue());

    int at = random.nextInt(record.length);
    record[at] ^= (byte) (1 << random.nextInt(8));
    assertThatThrownBy(() -> VersionRecord.decode(place, record, true))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("damaged version record of key");
    byte[] cut = Arrays.copyOf(record, random.nextInt(record.length));
    assertThatThrownBy(() -> VersionRecord.decode(place, cut, true))
        .isInstanceOf(IllegalStateException.class);
  }

  private static int compare(byte[] left, byte[] right) {
    return Integer.signum(Arrays.compareUnsigned(left, right));
  }
}
