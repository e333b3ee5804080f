package io.quorate.client.sim;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Wire;
import io.quorate.proto.Compare;
import io.quorate.proto.DeleteRangeRequest;
import io.quorate.proto.DeleteRangeResponse;
import io.quorate.proto.KeyValue;
import io.quorate.proto.Operation;
import io.quorate.proto.OperationResponse;
import io.quorate.proto.PutRequest;
import io.quorate.proto.PutResponse;
import io.quorate.proto.RangeRequest;
import io.quorate.proto.RangeResponse;
import io.quorate.proto.Response;
import io.quorate.proto.TxnRequest;
import io.quorate.proto.TxnResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** etcd's data model in the most obvious way: every version of every key in a list. Thread: any. */
public final class SimKeyspace {
  private record Version(long revision, Optional<KeyValue> kv) {}

  private final NavigableMap<Bytes, List<Version>> keys = new TreeMap<>();
  private final Map<Long, Response> named = new HashMap<>();
  private long revision = 1;

  /** What was answered to the write of that sequence, which has a name; null if it never came. One client is enough here. */
  public synchronized @Nullable Response named(long sequence) {
    return named.get(sequence);
  }

  public synchronized void remember(long sequence, Response response) {
    named.put(sequence, response);
  }

  public synchronized long revision() {
    return revision;
  }

  public synchronized long nextRevisions(int count) {
    revision += count;
    return revision;
  }

  public synchronized Optional<KeyValue> get(Bytes key, long at) {
    List<Version> versions = keys.getOrDefault(key, List.of());
    Optional<KeyValue> found = Optional.empty();
    for (Version version : versions) {
      if (version.revision() <= at) {
        found = version.kv();
      }
    }
    return found;
  }

  public synchronized PutResponse put(PutRequest request, long at) {
    Bytes key = Bytes.of(request.getKey());
    Optional<KeyValue> old = get(key, at);
    KeyValue fresh = KeyValue.newBuilder()
        .setKey(request.getKey())
        .setValue(
            request.getIgnoreValue()
                ? old.map(KeyValue::getValue).orElseThrow()
                : request.getValue())
        .setCreateRevision(old.map(KeyValue::getCreateRevision).orElse(at))
        .setModRevision(at)
        .setVersion(old.map(KeyValue::getVersion).orElse(0L) + 1)
        .setLease(request.getLease())
        .build();
    keys.computeIfAbsent(key, k -> new ArrayList<>()).add(new Version(at, Optional.of(fresh)));
    PutResponse.Builder response = PutResponse.newBuilder();
    if (request.getPrevious()) {
      old.ifPresent(response::setPrevious);
    }
    return response.build();
  }

  public synchronized DeleteRangeResponse delete(DeleteRangeRequest request, long at) {
    List<KeyValue> gone = select(Wire.range(request.getRange()), at);
    for (KeyValue kv : gone) {
      keys.computeIfAbsent(Bytes.of(kv.getKey()), k -> new ArrayList<>())
          .add(new Version(at, Optional.empty()));
    }
    DeleteRangeResponse.Builder response = DeleteRangeResponse.newBuilder().setDeleted(gone.size());
    return request.getPrevious() ? response.addAllPrevious(gone).build() : response.build();
  }

  public synchronized RangeResponse range(RangeRequest request, long at, int pageKeys) {
    List<KeyValue> all = select(Wire.range(request.getRange()), at);
    List<KeyValue> kept = new ArrayList<>(all.stream()
        .filter(kv ->
            within(kv.getModRevision(), request.getMinModRevision(), request.getMaxModRevision())
                && within(
                    kv.getCreateRevision(),
                    request.getMinCreateRevision(),
                    request.getMaxCreateRevision()))
        .toList());
    Comparator<KeyValue> order = comparator(request);
    kept.sort(order);
    RangeResponse.Builder response = RangeResponse.newBuilder();
    if (!request.getSkipCount()) {
      response.setCount(all.size());
    }
    if (request.getCountOnly()) {
      return response.build();
    }
    int limit = request.getLimit() == 0 ? Integer.MAX_VALUE : (int) request.getLimit();
    if (request.getSortOrderValue() == 0 && request.getSortTargetValue() == 0) {
      limit = Math.min(limit, pageKeys);
    }
    response.setMore(kept.size() > limit);
    kept.stream()
        .limit(limit)
        .map(kv -> request.getKeysOnly() ? kv.toBuilder().clearValue().build() : kv)
        .forEach(response::addKvs);
    return response.build();
  }

  synchronized boolean changedAfter(KeyRange range, long at) {
    return keys.entrySet().stream()
        .filter(entry -> range.contains(entry.getKey()))
        .flatMap(entry -> entry.getValue().stream())
        .anyMatch(version -> version.revision() > at);
  }

  public synchronized TxnResponse txn(TxnRequest request, long at) {
    boolean holds = request.getComparesList().stream().allMatch(compare -> holds(compare, at - 1));
    TxnResponse.Builder response = TxnResponse.newBuilder().setSucceeded(holds);
    for (Operation op : holds ? request.getSuccessList() : request.getFailureList()) {
      OperationResponse.Builder each = OperationResponse.newBuilder();
      switch (op.getKindCase()) {
        case RANGE -> each.setRange(range(op.getRange(), at, Integer.MAX_VALUE));
        case PUT -> each.setPut(put(op.getPut(), at));
        case DELETE_RANGE -> each.setDeleteRange(delete(op.getDeleteRange(), at));
        case TXN -> each.setTxn(txn(op.getTxn(), at));
        case KIND_NOT_SET -> throw new IllegalArgumentException("empty operation");
      }
      response.addResponses(each);
    }
    return response.build();
  }

  private boolean holds(Compare compare, long at) {
    KeyRange range = Wire.range(compare.getRange());
    List<KeyValue> found = select(range, at);
    if (found.isEmpty()) {
      found = List.of(KeyValue.newBuilder().setKey(range.start().toByteString()).build());
    }
    return found.stream().allMatch(kv -> {
      int order = switch (compare.getTarget()) {
        case COMPARE_VERSION -> Long.compare(kv.getVersion(), compare.getNumber());
        case COMPARE_CREATE -> Long.compare(kv.getCreateRevision(), compare.getNumber());
        case COMPARE_MOD -> Long.compare(kv.getModRevision(), compare.getNumber());
        case COMPARE_LEASE -> Long.compare(kv.getLease(), compare.getNumber());
        default -> Bytes.of(kv.getValue()).compareTo(Bytes.of(compare.getValue()));
      };
      return switch (compare.getResult()) {
        case EQUAL -> order == 0;
        case GREATER -> order > 0;
        case LESS -> order < 0;
        default -> order != 0;
      };
    });
  }

  private List<KeyValue> select(KeyRange range, long at) {
    List<KeyValue> found = new ArrayList<>();
    for (Bytes key : keys.keySet()) {
      if (range.contains(key)) {
        get(key, at).ifPresent(found::add);
      }
    }
    return found;
  }

  private static boolean within(long number, long min, long max) {
    return (min == 0 || number >= min) && (max == 0 || number <= max);
  }

  private static Comparator<KeyValue> comparator(RangeRequest request) {
    Comparator<KeyValue> byKey = Comparator.comparing(kv -> Bytes.of(kv.getKey()));
    Comparator<KeyValue> by = switch (request.getSortTarget()) {
      case SORT_VERSION -> Comparator.comparingLong(KeyValue::getVersion);
      case SORT_CREATE -> Comparator.comparingLong(KeyValue::getCreateRevision);
      case SORT_MOD -> Comparator.comparingLong(KeyValue::getModRevision);
      case SORT_VALUE -> Comparator.comparing(kv -> Bytes.of(kv.getValue()));
      default -> byKey;
    };
    return (request.getSortOrderValue() == 2 ? by.reversed() : by).thenComparing(byKey);
  }
}
