package io.quorate.bench.ycsb;

import io.quorate.bench.ClientTlsOptions;
import io.quorate.client.ClientConfig;
import io.quorate.client.KeyValue;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.RangeOptions;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.Vector;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import site.ycsb.ByteIterator;
import site.ycsb.DB;
import site.ycsb.DBException;
import site.ycsb.Status;

/**
 * YCSB's binding of the Java SDK: a record is one key. YCSB makes one per thread and calls it from that thread only; all of them
 * share one client, as an application's threads would.
 */
public final class QuorateYcsb extends DB {
  /** YCSB property: PD's addresses. */
  public static final String PLACEMENT = "quorate.pd";

  private static final Logger LOG = LoggerFactory.getLogger(QuorateYcsb.class);
  private static final Object SHARED = new Object();
  private static @Nullable QuorateClient shared;
  private static int users;

  private @Nullable QuorateClient client;
  private boolean writesAllFields;

  @Override
  public void init() throws DBException {
    String placement = getProperties().getProperty(PLACEMENT, "127.0.0.1:2381");
    writesAllFields = Boolean.parseBoolean(getProperties().getProperty("writeallfields", "false"))
        || "1".equals(getProperties().getProperty("fieldcount"));
    synchronized (SHARED) {
      try {
        if (shared == null) {
          shared = QuorateClient.open(ClientConfig.of(placement)
              .withTransport(ClientTlsOptions.transport(getProperties())));
        }
        client = shared;
        users++;
      } catch (QuorateException unreachable) {
        throw new DBException(
            "no cluster behind PD " + placement + ": " + unreachable.getMessage(), unreachable);
      }
    }
  }

  @Override
  public void cleanup() {
    synchronized (SHARED) {
      users--;
      if (users == 0 && shared != null) {
        shared.close();
        shared = null;
      }
    }
  }

  @Override
  public Status read(
      String table, String key, @Nullable Set<String> fields, Map<String, ByteIterator> result) {
    return guarded(() -> {
      Optional<KeyValue> found = client().blocking().get(Bytes.utf8(key));
      found.ifPresent(kv -> RecordCodec.copy(kv.value().unsafeArray(), fields, result));
      return found.isPresent() ? Status.OK : Status.NOT_FOUND;
    });
  }

  // YCSB's interface names the legacy collections.
  @SuppressWarnings({"JdkObsolete", "NonApiType"})
  @Override
  public Status scan(
      String table,
      String startKey,
      int count,
      @Nullable Set<String> fields,
      Vector<HashMap<String, ByteIterator>> result) {
    return guarded(() -> {
      KeyRange from = KeyRange.of(Bytes.utf8(startKey), Bytes.EMPTY);
      RangeOptions options = RangeOptions.DEFAULT.withLimit(count).withoutCount();
      for (KeyValue kv : client().blocking().range(from, options).kvs()) {
        HashMap<String, ByteIterator> record = new HashMap<>();
        RecordCodec.copy(kv.value().unsafeArray(), fields, record);
        result.add(record);
      }
      return Status.OK;
    });
  }

  @Override
  public Status update(String table, String key, Map<String, ByteIterator> values) {
    return guarded(() -> {
      Map<String, byte[]> record = new HashMap<>();
      if (!writesAllFields) {
        client()
            .blocking()
            .get(Bytes.utf8(key))
            .ifPresent(kv -> record.putAll(RecordCodec.decode(kv.value().unsafeArray())));
      }
      record.putAll(RecordCodec.drain(values));
      client().blocking().put(Bytes.utf8(key), Bytes.wrap(RecordCodec.encode(record)));
      return Status.OK;
    });
  }

  @Override
  public Status insert(String table, String key, Map<String, ByteIterator> values) {
    return guarded(() -> {
      byte[] record = RecordCodec.encode(RecordCodec.drain(values));
      client().blocking().put(Bytes.utf8(key), Bytes.wrap(record));
      return Status.OK;
    });
  }

  @Override
  public Status delete(String table, String key) {
    return guarded(() ->
        client().blocking().delete(Bytes.utf8(key)).deleted() > 0 ? Status.OK : Status.NOT_FOUND);
  }

  /** One request. */
  @FunctionalInterface
  private interface Request {
    Status send();
  }

  private static Status guarded(Request request) {
    try {
      return request.send();
    } catch (QuorateException failed) {
      LOG.warn("request failed: {}", failed.getMessage());
      return Status.ERROR;
    }
  }

  private QuorateClient client() {
    if (client == null) {
      throw new IllegalStateException("YCSB called the binding before init");
    }
    return client;
  }
}
