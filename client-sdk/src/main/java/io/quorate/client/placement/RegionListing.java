package io.quorate.client.placement;

import io.quorate.model.StoreDescriptor;
import java.util.List;

/**
 * Regions in key order and the stores that hold them.
 *
 * @param regions by range start
 * @param stores every store that a region of the listing names
 * @param more the listing was cut: go on from the last region's end
 */
public record RegionListing(List<Located> regions, List<StoreDescriptor> stores, boolean more) {
  public RegionListing {
    regions = List.copyOf(regions);
    stores = List.copyOf(stores);
  }
}
