package io.quorate.placement.node;

import java.net.InetSocketAddress;

/**
 * An address as operators write it: {@code host:port}, {@code [v6]:port}.
 *
 * @param host name or address
 * @param port 0 (any free one) to 65535
 */
record HostPort(String host, int port) {
  /** Refuses with {@link IllegalArgumentException} what is none. */
  static HostPort parse(String what, String text) {
    int colon = text.lastIndexOf(':');
    if (colon <= 0) {
      throw new IllegalArgumentException(what + " '" + text + "' is not host:port");
    }
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      if (port >= 0 && port <= 65_535) {
        return new HostPort(host, port);
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(what + " '" + text + "' has no number as port", e);
    }
    throw new IllegalArgumentException(what + " '" + text + "' has a port beyond 65535");
  }

  InetSocketAddress toSocketAddress() {
    return new InetSocketAddress(host, port);
  }

  HostPort withPort(int other) {
    return new HostPort(host, other);
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
