package io.quorate.region.host;

import io.micrometer.core.instrument.MeterRegistry;
import io.quorate.raft.host.RaftHost;
import io.quorate.raft.storage.RaftDatabase;
import java.util.function.Function;
import java.util.function.LongFunction;

/**
 * What a store gives its engine.
 *
 * @param raft makes the Raft host on the database that the engine has opened; the engine closes it
 * @param oracle makes the oracle, given the highest revision found in the store's own data; the caller closes it, after the
 *     engine
 * @param permissions asked at admission of each request
 * @param listener hears of leadership and failures
 * @param applyHook hears of applied writes
 * @param metrics where the engine's meters go
 */
public record EngineParts(
    Function<RaftDatabase, RaftHost> raft,
    LongFunction<Oracle> oracle,
    PermissionHook permissions,
    RegionListener listener,
    ApplyHook applyHook,
    MeterRegistry metrics) {}
