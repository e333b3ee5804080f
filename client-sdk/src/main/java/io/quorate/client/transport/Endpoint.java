package io.quorate.client.transport;

import java.util.Arrays;
import java.util.List;

/**
 * Where a process listens.
 *
 * @param host name or address; an IPv6 address is written in brackets
 * @param port 1 to 65535
 */
public record Endpoint(String host, int port) {
  public Endpoint {
    if (host.isEmpty() || port < 1 || port > 65_535) {
      throw new IllegalArgumentException("not a host:port address: " + host + ":" + port);
    }
  }

  /** Reads {@code host:port} or {@code [v6]:port}. */
  public static Endpoint parse(String text) {
    String address = text.strip();
    int colon = address.lastIndexOf(':');
    if (colon <= 0) {
      throw new IllegalArgumentException("not a host:port address: '" + text + "'");
    }
    try {
      return new Endpoint(
          address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
    } catch (NumberFormatException notANumber) {
      throw new IllegalArgumentException(
          "not a host:port address: '" + text + "' (the port is no number)", notANumber);
    }
  }

  /** Reads addresses separated by commas; at least one. */
  public static List<Endpoint> parseList(String text) {
    List<Endpoint> endpoints = Arrays.stream(text.split(",", -1))
        .filter(part -> !part.isBlank())
        .map(Endpoint::parse)
        .toList();
    if (endpoints.isEmpty()) {
      throw new IllegalArgumentException("no address in '" + text + "': give host:port,host:port");
    }
    return endpoints;
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
