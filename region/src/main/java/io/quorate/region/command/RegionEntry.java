package io.quorate.region.command;

/** What one entry of a region's log holds. */
public sealed interface RegionEntry
    permits LogCommands, Split, ComputeSum, VerifySum, AdvanceFloor, MergeStep {}
