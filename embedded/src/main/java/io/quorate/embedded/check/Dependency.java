package io.quorate.embedded.check;

/** Why one transaction must come before another in any order that explains what was seen. */
enum Dependency {
  /** It wrote the version before the other's. */
  WW("wrote before"),
  /** The other read what it wrote. */
  WR("was read by"),
  /** It read the version before the other's. */
  RW("did not see what was written by"),
  /** It had ended when the other began. */
  RT("had ended before");

  final String words;

  Dependency(String words) {
    this.words = words;
  }
}
