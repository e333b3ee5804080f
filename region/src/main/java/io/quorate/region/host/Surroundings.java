package io.quorate.region.host;

import io.quorate.region.lease.StoreLeases;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * What a region's host is given by its store; owned by the store's engine.
 *
 * @param config bounds
 * @param moves bounds of changes of its replicas
 * @param oracle revisions
 * @param permissions asked at admission
 * @param regionThreads run the mailbox
 * @param readerThreads run large reads; may refuse
 * @param clock nanoseconds, monotonic
 * @param listener hears of leadership and failure
 * @param leases what the store's regions share about leases
 * @param resolved asks how far regions are resolved, for all of the store
 */
record Surroundings(
    RegionHostConfig config,
    MoveLimits moves,
    Oracle oracle,
    PermissionHook permissions,
    Executor regionThreads,
    Executor readerThreads,
    LongSupplier clock,
    RegionListener listener,
    StoreLeases leases,
    ResolvedLoop resolved) {}
