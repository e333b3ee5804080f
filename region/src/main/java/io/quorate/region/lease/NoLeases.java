package io.quorate.region.lease;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The view of a region that knows of no lease; stateless. */
public class NoLeases implements LeaseView {
  public static final LeaseView NONE = new NoLeases();

  @Override
  public @Nullable LeaseHome home(long lease) {
    return null;
  }

  @Override
  public @Nullable Registration registration(long lease) {
    return null;
  }

  @Override
  public List<Bytes> keys(long lease, KeyRange range, int limit) {
    return List.of();
  }

  @Override
  public long term() {
    return 0;
  }
}
