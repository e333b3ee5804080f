package io.quorate.placement.cluster;

import io.quorate.model.RegionDescriptor;
import io.quorate.model.StoreId;

/**
 * A region as the bootstrap made it: what each of its stores seeds its replica from, whatever the region has become since.
 *
 * @param descriptor at the first epoch
 * @param preferredLeader the store whose peer campaigns at once
 */
public record FoundingRegion(RegionDescriptor descriptor, StoreId preferredLeader) {}
