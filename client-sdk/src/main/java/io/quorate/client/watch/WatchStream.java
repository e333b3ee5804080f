package io.quorate.client.watch;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.quorate.client.transport.LoopChannel;
import io.quorate.model.StoreDescriptor;
import io.quorate.proto.Envelope;
import io.quorate.proto.WatchCreate;
import io.quorate.proto.WatchRequest;
import io.quorate.proto.WatchResponse;
import io.quorate.proto.WatchResponseBatch;
import io.quorate.proto.WatchServiceGrpc;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that one client watches on one store, over one stream. Owned by {@link WatchClient}; confined to its loop. Its messages are
 * taken at once, whatever their readers do: who has no room ends its watch here and begins it anew later.
 */
final class WatchStream {
  /** Who hears of one watch. */
  interface Ear {
    void heard(WatchResponse response);

    void broken(String why);
  }

  private final StoreDescriptor store;
  private final LoopChannel channel;
  private final Envelope envelope;
  private final Runnable afterMessage;
  private final Map<Long, Ear> ears = new HashMap<>();
  private WatchRequest.Builder wishes = WatchRequest.newBuilder();
  private @Nullable ClientCall<WatchRequest, WatchResponseBatch> call;
  private int generation;
  private boolean greeted;
  private boolean flushing;
  private long lastId;

  /**
   * @param channel ends with this stream
   * @param envelope heads the stream
   * @param afterMessage run when all ears have heard a message
   */
  WatchStream(
      StoreDescriptor store, LoopChannel channel, Envelope envelope, Runnable afterMessage) {
    this.store = store;
    this.channel = channel;
    this.envelope = envelope;
    this.afterMessage = afterMessage;
  }

  StoreDescriptor store() {
    return store;
  }

  /** Begins a watch; its id on this stream. */
  long create(WatchCreate.Builder create, Ear ear) {
    long id = ++lastId;
    ears.put(id, ear);
    wishes.addCreates(create.setWatchId(id));
    flushLater();
    return id;
  }

  /** Ends a watch: nothing more is heard of it. */
  void cancel(long id) {
    if (ears.remove(id) != null) {
      wishes.addCancels(id);
      flushLater();
    }
  }

  /** Wants to hear how far a watch is resolved. */
  void ask(long id) {
    wishes.addProgress(id);
    flushLater();
  }

  void close() {
    end("closed");
    ears.clear();
    channel.close();
  }

  private void flushLater() {
    if (!flushing) {
      flushing = true;
      channel.loop().execute(this::flush);
    }
  }

  private void flush() {
    flushing = false;
    if (wishes.getCreatesCount() + wishes.getCancelsCount() + wishes.getProgressCount() == 0) {
      return;
    }
    ClientCall<WatchRequest, WatchResponseBatch> current = call;
    if (current == null) {
      if (ears.isEmpty()) {
        wishes.clear();
        return;
      }
      current = open();
    }
    if (current.isReady()) {
      if (!greeted) {
        greeted = true;
        wishes.setEnvelope(envelope);
      }
      WatchRequest message = wishes.build();
      wishes = WatchRequest.newBuilder();
      current.sendMessage(message);
    }
  }

  private ClientCall<WatchRequest, WatchResponseBatch> open() {
    channel.channel().resetConnectBackoff();
    ClientCall<WatchRequest, WatchResponseBatch> opening =
        channel.channel().newCall(WatchServiceGrpc.getWatchMethod(), CallOptions.DEFAULT);
    call = opening;
    greeted = false;
    opening.start(new Listener(++generation), new Metadata());
    opening.request(2);
    return opening;
  }

  private void end(String why) {
    generation++;
    ClientCall<WatchRequest, WatchResponseBatch> old = call;
    call = null;
    wishes = WatchRequest.newBuilder();
    if (old != null) {
      old.cancel(why, null);
    }
  }

  private void broken(String why) {
    end(why);
    List<Ear> told = List.copyOf(ears.values());
    ears.clear();
    String message = "store " + store.id() + " at " + store.clientAddress() + ": " + why;
    told.forEach(ear -> ear.broken(message));
    afterMessage.run();
  }

  /** Forwards the events of one generation of the stream. */
  private final class Listener extends ClientCall.Listener<WatchResponseBatch> {
    private final int mine;

    Listener(int mine) {
      this.mine = mine;
    }

    @Override
    public void onReady() {
      if (mine == generation) {
        flush();
      }
    }

    @Override
    public void onMessage(WatchResponseBatch batch) {
      ClientCall<WatchRequest, WatchResponseBatch> current = call;
      if (mine != generation || current == null) {
        return;
      }
      current.request(1);
      for (WatchResponse response : batch.getResponsesList()) {
        boolean last = response.getEndCase() != WatchResponse.EndCase.END_NOT_SET;
        Ear ear = last ? ears.remove(response.getWatchId()) : ears.get(response.getWatchId());
        if (ear != null) {
          ear.heard(response);
        }
      }
      afterMessage.run();
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      if (mine == generation) {
        String description = status.getDescription();
        broken(status.getCode() + (description == null ? "" : " " + description));
      }
    }
  }
}
