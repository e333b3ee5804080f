package io.quorate.placement.node;

import io.quorate.placement.cluster.ClusterImage;
import io.quorate.placement.cluster.PlacementCodec;
import io.quorate.placement.cluster.Replayed;
import io.quorate.placement.cluster.Ruling;
import io.quorate.raft.LogEntry;
import io.quorate.raft.SnapshotHooks;
import io.quorate.raft.StateMachine;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Replays placement records into the newest {@link ClusterImage}. Owned by the node; driven by the group's apply thread, its
 * image may be read by any.
 */
public final class PlacementStateMachine implements StateMachine<Ruling>, SnapshotHooks {
  /** Who wants to know; called on the apply thread, must be short. */
  public interface Listener {
    void onLeading(long term);

    void onLeadershipLost(long term);

    /** Stores, regions or the cluster's identity changed. */
    void onImage();

    void onFailure(String reason);
  }

  private volatile ClusterImage image = ClusterImage.EMPTY;
  private @Nullable Listener listener;
  /** Term this member leads as far as it was told; 0 if none. */
  private long leading;

  /** Sets who is told from now on; tells at once what was missed. */
  public synchronized void attach(Listener attached) {
    listener = attached;
    if (leading > 0) {
      attached.onLeading(leading);
    }
    attached.onImage();
  }

  public ClusterImage image() {
    return image;
  }

  @Override
  public long appliedIndex() {
    return 0;
  }

  @Override
  public List<Ruling> apply(List<LogEntry> entries) {
    ClusterImage before = image;
    ClusterImage now = before;
    List<Ruling> rulings = new ArrayList<>(entries.size());
    for (LogEntry entry : entries) {
      Replayed replayed = now.with(PlacementCodec.decode(entry.data()));
      now = replayed.image();
      rulings.add(replayed.ruling());
    }
    publish(before, now);
    return rulings;
  }

  private void publish(ClusterImage before, ClusterImage now) {
    image = now;
    boolean told = before.stores() == now.stores()
        && before.regions() == now.regions()
        && before.clusterId() == now.clusterId();
    if (!told) {
      synchronized (this) {
        if (listener != null) {
          listener.onImage();
        }
      }
    }
  }

  @Override
  public void save(OutputStream out) throws IOException {
    out.write(PlacementCodec.encodeImage(image));
  }

  @Override
  public void load(InputStream in) throws IOException {
    publish(image, PlacementCodec.decodeImage(in.readAllBytes()));
  }

  @Override
  public synchronized void onLeading(long term) {
    leading = term;
    if (listener != null) {
      listener.onLeading(term);
    }
  }

  @Override
  public synchronized void onLeadershipLost(long term) {
    if (leading <= term) {
      leading = 0;
    }
    if (listener != null) {
      listener.onLeadershipLost(term);
    }
  }

  @Override
  public synchronized void onFailure(String reason) {
    if (listener != null) {
      listener.onFailure(reason);
    }
  }
}
