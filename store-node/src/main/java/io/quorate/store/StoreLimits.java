package io.quorate.store;

import io.quorate.model.Protocol;

/**
 * The bounds of what a store takes in from clients; beyond them it answers at once, and says which.
 *
 * @param requestBytes greatest size of one request, in bytes; a greater one is refused as too large
 * @param messageBytes greatest size of one message on a stream, which batches requests; the stream of a client that sends a
 *     greater one is closed
 * @param streamRequests requests of one stream that may be in work or wait for their answers to be taken; beyond, "busy"
 * @param queuedBytes bytes of requests in work on the whole store; beyond, "busy"
 * @param answerBytes a message of answers is closed once it holds so many bytes
 * @param answerBacklogBytes answers of one stream that may wait for a slow client before its requests are not read any more
 */
public record StoreLimits(
    int requestBytes,
    int messageBytes,
    int streamRequests,
    long queuedBytes,
    int answerBytes,
    long answerBacklogBytes) {
  public StoreLimits {
    if (requestBytes < 1
        || messageBytes < requestBytes
        || streamRequests < 1
        || queuedBytes < requestBytes
        || answerBytes < 1
        || answerBacklogBytes < 1) {
      throw new IllegalArgumentException(
          "limits must be positive, and a message at least as large as a request");
    }
  }

  public static StoreLimits defaults() {
    return new StoreLimits(
        Protocol.MAX_REQUEST_BYTES, 16 << 20, 16_384, 64L << 20, 1 << 20, 16L << 20);
  }

  public StoreLimits withRequestBytes(int bytes) {
    return new StoreLimits(
        bytes,
        Math.max(messageBytes, 2 * bytes),
        streamRequests,
        Math.max(queuedBytes, bytes),
        answerBytes,
        answerBacklogBytes);
  }

  public StoreLimits withStreamRequests(int requests) {
    return new StoreLimits(
        requestBytes, messageBytes, requests, queuedBytes, answerBytes, answerBacklogBytes);
  }

  public StoreLimits withQueuedBytes(long bytes) {
    return new StoreLimits(
        requestBytes, messageBytes, streamRequests, bytes, answerBytes, answerBacklogBytes);
  }
}
