package io.quorate.placement.oracle;

import io.quorate.proto.OracleAsk;
import java.util.List;

/**
 * Asks of one message that are not answered yet.
 *
 * @param sink who asked
 * @param asks at least one, all within the limits
 */
record Waiting(OracleSink sink, List<OracleAsk> asks) {}
