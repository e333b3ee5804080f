package io.quorate.placement.node;

import java.util.Collection;
import java.util.Optional;
import java.util.Properties;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.zip.CRC32C;

/**
 * Whose data a PD's directory holds.
 *
 * @param member this member's number
 * @param incarnation drawn at random when the directory was made
 * @param groupName stands for the cluster's id in the PD members' messages to each other, because that id is only known once
 *     their group has committed it. Members hash it from the member list they all first start with, so that groups of
 *     different lists refuse each other; a member alone draws it at random. It stays as it is for the life of the data
 * @param members numbers of the group's members; their addresses may change
 * @param seeded the Raft group's first state was written: without it on disk from now on, data is lost
 * @param cluster empty until this member learned it
 */
record Identity(
    long member,
    long incarnation,
    long groupName,
    SortedSet<Long> members,
    boolean seeded,
    Optional<Long> cluster) {
  private static final String KIND = "placement-driver";
  private static final int FORMAT = 1;

  Identity {
    members = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(members));
  }

  Identity withSeeded() {
    return new Identity(member, incarnation, groupName, members, true, cluster);
  }

  Identity withCluster(long id) {
    return new Identity(member, incarnation, groupName, members, seeded, Optional.of(id));
  }

  Properties toProperties() {
    Properties properties = new Properties();
    properties.setProperty("kind", KIND);
    properties.setProperty("format", Integer.toString(FORMAT));
    properties.setProperty("member", Long.toString(member));
    properties.setProperty("incarnation", Long.toHexString(incarnation));
    properties.setProperty("group", Long.toHexString(groupName));
    properties.setProperty("members", joined(members));
    properties.setProperty("seeded", Boolean.toString(seeded));
    cluster.ifPresent(id -> properties.setProperty("cluster", Long.toHexString(id)));
    properties.setProperty("checksum", checksum(properties));
    return properties;
  }

  /** Refuses, with what to do, what this build did not write. */
  static Identity of(Properties properties, String file) {
    String kind = properties.getProperty("kind", "");
    if (!kind.equals(KIND)) {
      throw new PlacementStartException(
          file + " is of a '" + kind + "', not of a PD: choose another --data-dir");
    }
    if (!properties.getProperty("format", "").equals(Integer.toString(FORMAT))) {
      throw new PlacementStartException(file + " has format " + properties.getProperty("format")
          + ", this build reads " + FORMAT + ": run the build that wrote it");
    }
    String sum = properties.getProperty("checksum", "");
    Properties summed = new Properties();
    summed.putAll(properties);
    summed.remove("checksum");
    if (!sum.equals(checksum(summed))) {
      throw new PlacementStartException(
          file + " is damaged (its checksum does not fit): restore it, or replace this member");
    }
    SortedSet<Long> members = new TreeSet<>();
    for (String id : properties.getProperty("members").split(",", -1)) {
      members.add(Long.parseLong(id));
    }
    return new Identity(
        Long.parseLong(properties.getProperty("member")),
        Long.parseUnsignedLong(properties.getProperty("incarnation"), 16),
        Long.parseUnsignedLong(properties.getProperty("group"), 16),
        members,
        Boolean.parseBoolean(properties.getProperty("seeded")),
        Optional.ofNullable(properties.getProperty("cluster"))
            .map(id -> Long.parseUnsignedLong(id, 16)));
  }

  static String joined(Collection<Long> ids) {
    return String.join(",", new TreeSet<>(ids).stream().map(String::valueOf).toList());
  }

  private static String checksum(Properties properties) {
    CRC32C sum = new CRC32C();
    new TreeSet<>(properties.stringPropertyNames())
        .forEach(name -> sum.update((name + "=" + properties.getProperty(name) + "\n")
            .getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    return Long.toHexString(sum.getValue());
  }
}
