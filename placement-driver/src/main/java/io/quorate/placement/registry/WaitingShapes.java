package io.quorate.placement.registry;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Shapes of regions that were heard, and that would leave a part of the keys to nobody if they took their place: they wait until
 * the owners of the rest are heard. At most one for each region. Owned by the {@link HeartbeatBook}, used as it is.
 */
final class WaitingShapes {
  /**
   * One of them.
   *
   * @param born regions that its leader told to be cut off
   * @param sinceNanos when the region began to wait
   */
  record Shape(HeardRegion region, List<RegionDescriptor> born, long sinceNanos) {
    RegionDescriptor descriptor() {
      return region.descriptor();
    }

    private Stream<KeyRange> owned() {
      return Stream.concat(Stream.of(descriptor()), born.stream()).map(RegionDescriptor::range);
    }
  }

  private final Map<RegionId, Shape> shapes = new LinkedHashMap<>();

  /** Takes it in, in the place of what waits of the same region or of its range: that is older, or the shape was refused. */
  Shape add(HeardRegion region, List<RegionDescriptor> born, long nowNanos) {
    RegionDescriptor now = region.descriptor();
    Shape before = shapes.get(now.id());
    shapes.values().removeIf(other -> other.descriptor().range().overlaps(now.range()));
    Shape shape = new Shape(region, born, before == null ? nowNanos : before.sinceNanos());
    shapes.put(now.id(), shape);
    return shape;
  }

  void remove(Shape shape) {
    shapes.remove(shape.descriptor().id(), shape);
  }

  boolean has(Shape shape) {
    return shape.equals(shapes.get(shape.descriptor().id()));
  }

  Optional<HeardRegion> region(RegionId id) {
    return Optional.ofNullable(shapes.get(id)).map(Shape::region);
  }

  List<Shape> all() {
    return List.copyOf(shapes.values());
  }

  /** What waits of the region itself or of its range. */
  List<RegionDescriptor> rivals(RegionDescriptor region) {
    return shapes.values().stream()
        .map(Shape::descriptor)
        .filter(other -> other.id().equals(region.id()) || other.range().overlaps(region.range()))
        .toList();
  }

  /**
   * Those that can take their places now, the oldest first: the shape alone or with all that meet the same regions, if together they
   * own whatever those own now. Empty if some of that would be nobody's.
   *
   * @param replaced the regions of the map whose place a shape would take
   */
  List<Shape> ready(Shape shape, Function<RegionDescriptor, List<RegionDescriptor>> replaced) {
    if (cover(List.of(shape), replaced.apply(shape.descriptor()))) {
      return List.of(shape);
    }
    Set<Shape> together = new LinkedHashSet<>(List.of(shape));
    Set<RegionDescriptor> leaving = new LinkedHashSet<>(replaced.apply(shape.descriptor()));
    boolean grows = true;
    while (grows) {
      grows = false;
      for (Shape other : shapes.values()) {
        boolean meets = leaving.stream()
            .anyMatch(region -> region.range().overlaps(other.descriptor().range()));
        if (meets && together.add(other)) {
          leaving.addAll(replaced.apply(other.descriptor()));
          grows = true;
        }
      }
    }
    return cover(together, leaving)
        ? together.stream()
            .sorted(Comparator.comparingLong(one -> one.descriptor().epoch().version()))
            .toList()
        : List.of();
  }

  private static boolean cover(Collection<Shape> shapes, Collection<RegionDescriptor> leaving) {
    List<KeyRange> owned = new ArrayList<>(shapes.stream().flatMap(Shape::owned).toList());
    owned.sort(Comparator.comparing(KeyRange::start));
    return leaving.stream().allMatch(region -> covers(owned, region.range()));
  }

  private static boolean covers(List<KeyRange> sorted, KeyRange range) {
    Bytes at = range.start();
    for (KeyRange one : sorted) {
      if (one.contains(at)) {
        at = one.end();
        if (KeyRange.compareEnds(at, range.end()) >= 0) {
          return true;
        }
      }
    }
    return false;
  }
}
