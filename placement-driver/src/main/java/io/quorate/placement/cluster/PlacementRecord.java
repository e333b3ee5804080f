package io.quorate.placement.cluster;

/**
 * A fact that PD's log carries; one record each, its rule beside its data. Rules judge by the image alone, so that every
 * member comes to the same image; what a proposer believed when it made the record is checked again here.
 */
public sealed interface PlacementRecord
    permits FoundCluster,
        RegisterStore,
        Bootstrap,
        AllocateIds,
        ExtendRevisions,
        UpdateRegions,
        ChangeStoreState,
        NotePlanning,
        Compact,
        HoldBarrier,
        RenewBarrier,
        DropBarrier,
        NoteTime,
        ChangeAuth {
  Replayed replay(ClusterImage image);
}
