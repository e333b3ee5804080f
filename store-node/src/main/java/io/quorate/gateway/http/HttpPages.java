package io.quorate.gateway.http;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What is answered to a GET besides etcd's methods: version, health, metrics. Any thread; never blocks. */
@FunctionalInterface
public interface HttpPages {
  /**
   * An answer.
   *
   * @param status of HTTP
   * @param type of the content
   * @param body text
   */
  record Page(int status, String type, String body) {}

  /** The page of a path; empty if there is none. */
  Optional<CompletableFuture<Page>> find(String path);
}
