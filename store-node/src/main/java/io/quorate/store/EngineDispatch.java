package io.quorate.store;

import io.quorate.model.RegionError;
import io.quorate.model.RegionId;
import io.quorate.model.Wire;
import io.quorate.proto.Envelope;
import io.quorate.proto.Request;
import io.quorate.proto.Response;
import io.quorate.region.host.RegionHost;
import io.quorate.region.host.RegionRequest;
import io.quorate.region.host.StoreEngine;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Finds the region of each request among those of the store's engine. Thread-safe.
 *
 * @param engine all regions of the store
 */
record EngineDispatch(StoreEngine engine) implements RegionDispatch {
  @Override
  public void handle(Envelope envelope, Request request, Consumer<Response> sink) {
    RegionId id = new RegionId(request.getRegionId());
    Optional<RegionHost> region = engine.region(id);
    if (region.isPresent()) {
      region
          .get()
          .handle(
              new RegionRequest(
                  request, envelope.getUser(), envelope.getAuthRevision(), envelope.getClientId()),
              sink);
    } else {
      RegionError notHere = engine
          .partOf(id)
          .<RegionError>map(whole -> new RegionError.EpochMismatch(
              List.of(whole), "region " + id + " is part of " + whole.id() + " now"))
          .orElseGet(
              () -> new RegionError.RegionNotFound(id, "region " + id + " is not on this store"));
      sink.accept(Response.newBuilder()
          .setRequestId(request.getRequestId())
          .setRegionError(Wire.error(notHere))
          .build());
    }
  }
}
