package io.quorate.client.placement;

import io.quorate.model.Protocol;
import io.quorate.proto.Envelope;

/**
 * Who asks PD: what heads every message of a placement client.
 *
 * @param clusterId 0 while unknown
 * @param storeId 0 for a client
 * @param incarnation of the store; 0 for a client
 * @param clientId drawn by the process
 */
record Identity(long clusterId, long storeId, long incarnation, long clientId) {
  Envelope envelope() {
    return Envelope.newBuilder()
        .setClusterId(clusterId)
        .setProtocolVersion(Protocol.VERSION)
        .setFromStore(storeId)
        .setFromIncarnation(incarnation)
        .setClientId(clientId)
        .build();
  }

  Identity inCluster(long id) {
    return new Identity(id, storeId, incarnation, clientId);
  }
}
