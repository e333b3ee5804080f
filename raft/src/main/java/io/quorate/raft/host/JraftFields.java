package io.quorate.raft.host;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.FSMCaller;
import com.alipay.sofa.jraft.ReplicatorGroup;
import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.core.BallotBox;
import com.alipay.sofa.jraft.core.NodeImpl;
import com.alipay.sofa.jraft.core.Replicator;
import com.alipay.sofa.jraft.storage.LogManager;
import com.alipay.sofa.jraft.util.RepeatedTimer;
import com.alipay.sofa.jraft.util.ThreadId;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;

/**
 * The private parts of jraft that have no accessor; the only place that names them. A jraft that moves one fails a test of
 * this class by name, and fails the start of a host, never silently.
 */
final class JraftFields {
  private JraftFields() {}

  /** The parts of a node, valid from its init on. */
  record Parts(BallotBox ballots, LogManager log, ReplicatorGroup replicators) {}

  static Parts parts(NodeImpl node) {
    return new Parts(
        read(NodeImpl.class, node, "ballotBox", BallotBox.class),
        log(node),
        read(NodeImpl.class, node, "replicatorGroup", ReplicatorGroup.class));
  }

  static FSMCaller caller(NodeImpl node) {
    return read(NodeImpl.class, node, "fsmCaller", FSMCaller.class);
  }

  static LogManager log(NodeImpl node) {
    return read(NodeImpl.class, node, "logManager", LogManager.class);
  }

  /** The thread per group that wakes for jraft's read service; we have our own and leave that one unused. */
  static ScheduledExecutorService readScanner(NodeImpl node) {
    Object service = read(NodeImpl.class, node, "readOnlyService", Object.class);
    return read(
        service.getClass(), service, "scheduledExecutorService", ScheduledExecutorService.class);
  }

  static RepeatedTimer electionTimer(NodeImpl node) {
    return read(NodeImpl.class, node, "electionTimer", RepeatedTimer.class);
  }

  /** Whether a replicator's next index has been proved by an answer; read without its lock, may be late. */
  static boolean hasSucceeded(ThreadId replicator) {
    return read(Replicator.class, replicator.getData(), "hasSucceeded", Boolean.class);
  }

  /** Begins a change of members as the node's public methods do; under the node's lock. */
  static void registerChange(
      NodeImpl node, Configuration before, Configuration next, Closure done) {
    try {
      Method register = NodeImpl.class.getDeclaredMethod(
          "unsafeRegisterConfChange", Configuration.class, Configuration.class, Closure.class);
      register.setAccessible(true);
      register.invoke(node, before, next, done);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException("members not changed: " + e.getCause(), e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this jraft has no NodeImpl.unsafeRegisterConfChange", e);
    }
  }

  static ThreadPoolExecutor pool(Class<?> owner, String field) {
    return read(owner, owner, field, ThreadPoolExecutor.class);
  }

  static ThreadPoolExecutor pool(String owner, String field) {
    try {
      return pool(Class.forName(owner), field);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("this jraft has no " + owner, e);
    }
  }

  private static <T> T read(Class<?> owner, Object instance, String name, Class<T> type) {
    try {
      Field field = owner.getDeclaredField(name);
      field.setAccessible(true);
      return type.cast(field.get(instance));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this jraft has no " + owner.getName() + "." + name, e);
    }
  }
}
