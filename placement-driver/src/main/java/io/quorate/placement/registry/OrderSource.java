package io.quorate.placement.registry;

import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.proto.RegionOrder;
import java.util.List;

/** Who has orders for the stores; called under the registry's lock, so it must be short and must not call back. */
public interface OrderSource {
  /** No orders at all. */
  OrderSource NONE = new OrderSource() {
    @Override
    public List<RegionOrder> heard(StoreId from, HeardRegion region) {
      return List.of();
    }

    @Override
    public boolean isExpected(RegionId region, StoreId store) {
      return false;
    }
  };

  /** A leader told of its region: what it shall do next. */
  List<RegionOrder> heard(StoreId from, HeardRegion region);

  /** Whether a replica of the region may well be on the store although the region does not count it yet. */
  boolean isExpected(RegionId region, StoreId store);
}
