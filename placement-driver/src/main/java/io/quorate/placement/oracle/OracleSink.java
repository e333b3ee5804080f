package io.quorate.placement.oracle;

import io.quorate.proto.OracleResponse;

/** Where one asker's answers go: a gRPC stream, or a simulated store. */
public interface OracleSink {
  /** Never blocks; called by one thread at a time for numbers, and by any for refusals. */
  void reply(OracleResponse response);
}
