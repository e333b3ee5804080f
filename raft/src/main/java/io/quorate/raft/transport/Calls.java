package io.quorate.raft.transport;

import com.alipay.sofa.jraft.error.InvokeTimeoutException;
import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.rpc.InvokeCallback;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The requests to one store that have no answer yet, by number; any thread. Completes nothing itself. */
final class Calls {
  /** A request under way; its group keeps the answers of one group in order. */
  record Call(long group, InvokeCallback callback, long deadlineNanos) {}

  private final int limit;
  private final Map<Long, Call> open = new ConcurrentHashMap<>();
  private final AtomicLong numbers = new AtomicLong();

  Calls(int limit) {
    this.limit = limit;
  }

  /** The number of the new call, or 0 when too many are open. */
  long register(long group, InvokeCallback callback, long nowNanos, long timeoutMillis) {
    if (open.size() >= limit) {
      return 0;
    }
    long number = numbers.incrementAndGet();
    open.put(
        number, new Call(group, callback, nowNanos + TimeUnit.MILLISECONDS.toNanos(timeoutMillis)));
    return number;
  }

  /** Ends the call; empty if it has ended before. */
  Optional<Call> remove(long number) {
    return Optional.ofNullable(open.remove(number));
  }

  boolean isEmpty() {
    return open.isEmpty();
  }

  List<Call> removeExpired(long nowNanos) {
    List<Call> expired = new ArrayList<>();
    Iterator<Call> all = open.values().iterator();
    while (all.hasNext()) {
      Call call = all.next();
      if (nowNanos - call.deadlineNanos() >= 0) {
        all.remove();
        expired.add(call);
      }
    }
    return expired;
  }

  List<Call> removeAll() {
    List<Call> all = new ArrayList<>();
    for (Long number : List.copyOf(open.keySet())) {
      remove(number).ifPresent(all::add);
    }
    return all;
  }

  static RemotingException failed(String why) {
    return new RemotingException(why);
  }

  static InvokeTimeoutException timedOut() {
    return new InvokeTimeoutException("no answer in time");
  }
}
