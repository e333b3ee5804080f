package io.quorate.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.sim.SimCluster;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The tour of the SDK that the README shows, run against fakes so that it stays true. */
class SdkTourTest {
  @Test
  void theTourOfTheReadmeRuns() {
    try (SimCluster cluster = new SimCluster(3, "m")) {
      tour("127.0.0.1:" + cluster.placement().port());
    }
  }

  private static void tour(String placement) {
    // tag::tour[]
    try (QuorateClient client = QuorateClient.connect(placement)) {
      Bytes greeting = Bytes.utf8("greeting");
      Bytes visits = Bytes.utf8("visits");

      // Asynchronous: a future that completes on the client's callback threads.
      CompletableFuture<PutResult> put = client.put(greeting, Bytes.utf8("hello"));
      long revision = put.join().revision();

      // Blocking: the same requests for a thread that waits.
      BlockingClient kv = client.blocking();
      Optional<KeyValue> found = kv.get(greeting);
      assertThat(found.orElseThrow().modRevision()).isEqualTo(revision);

      // If nobody has counted yet, begin; else tell what there is. One decision, one revision.
      TxnResult txn = kv.txn()
          .when(Compare.absent(visits))
          .then(TxnOp.put(visits, Bytes.utf8("1")))
          .otherwise(TxnOp.get(visits))
          .commit();
      assertThat(txn.succeeded()).isTrue();

      // The whole keyspace as of now, over all regions, whatever is written meanwhile.
      Snapshot snapshot = kv.snapshot();
      kv.delete(greeting);
      assertThat(snapshot.count(KeyRange.ALL).join()).isEqualTo(2);

      // Any number of keys, a page in memory at a time.
      Iterator<KeyValue> all = kv.iterate(KeyRange.prefix(Bytes.utf8("v")), RangeOptions.DEFAULT);
      assertThat(all.next().value()).isEqualTo(Bytes.utf8("1"));

      // Errors say what may be concluded.
      try {
        kv.put(visits, Bytes.utf8("2"), PutOptions.DEFAULT.withLease(4711));
      } catch (RefusedException refused) {
        System.out.println("certainly not done: " + refused.code());
      } catch (OutcomeUnknownException unknown) {
        System.out.println("read before you repeat it: " + unknown.getMessage());
      }
    }
    // end::tour[]
  }
}
