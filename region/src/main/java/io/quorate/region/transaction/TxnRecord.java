package io.quorate.region.transaction;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.List;

/**
 * What was decided of a transaction, where its primary lies; or, under another key of it, the mark that nothing of it may be
 * locked there any more.
 *
 * @param key the primary, or the key whose prewrites are to be refused
 * @param start of the transaction
 * @param committed at which revision; 0 if it was rolled back
 * @param spans all that it locks, as far as it was known when it was decided
 */
public record TxnRecord(Bytes key, TxnId txn, long start, long committed, List<KeyRange> spans) {
  public TxnRecord {
    spans = List.copyOf(spans);
  }

  public boolean isCommitted() {
    return committed != 0;
  }
}
