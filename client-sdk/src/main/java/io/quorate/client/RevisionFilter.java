package io.quorate.client;

/**
 * Keeps keys whose revisions lie in bounds, both ends included; 0 means no bound.
 *
 * @param minMod smallest modification revision
 * @param maxMod greatest modification revision
 * @param minCreate smallest creation revision
 * @param maxCreate greatest creation revision
 */
public record RevisionFilter(long minMod, long maxMod, long minCreate, long maxCreate) {
  public static final RevisionFilter NONE = new RevisionFilter(0, 0, 0, 0);

  /** Whether it lets the key through. */
  public boolean accepts(KeyValue kv) {
    return (minMod == 0 || kv.modRevision() >= minMod)
        && (maxMod == 0 || kv.modRevision() <= maxMod)
        && (minCreate == 0 || kv.createRevision() >= minCreate)
        && (maxCreate == 0 || kv.createRevision() <= maxCreate);
  }
}
