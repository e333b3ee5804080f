package io.quorate.cli.soak;

import java.util.List;

/** A cluster of processes, as faults see it: each has a name, and can be killed, paused and started again. */
public interface Processes {
  /** What clients give to {@code --pd}. */
  String pdAddresses();

  List<String> stores();

  List<String> pds();

  /** The store that serves clients there. */
  String storeAt(String clientAddress);

  /** Ends them all at once without warning (SIGKILL), and waits until they are gone. */
  void kill(List<String> names);

  /** SIGSTOP. */
  void pause(String name);

  /** SIGCONT. */
  void resume(String name);

  /** Starts those that do not run; does not wait until they serve. */
  void startMissing();

  /** What a store says is wrong with it or with regions on it; empty if nothing is. */
  String trouble(String store);

  /** Where a store serves clients, or a placement driver everybody. */
  String address(String name);
}
