package io.quorate.region;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What is decided by values alone stays so: no storage, threads, clocks or chance where the rules are. */
@AnalyzeClasses(
    packages = "io.quorate.region",
    importOptions = ImportOption.DoNotIncludeTests.class)
final class PurityTest {
  @ArchTest
  static final ArchRule RULES_KNOW_NO_STORAGE = noClasses()
      .that()
      .resideInAnyPackage(
          "..region.command..", "..region.mvcc..", "..region.transaction..", "..region.wire..")
      .should()
      .dependOnClassesThat()
      .resideInAnyPackage(
          "org.rocksdb..",
          "io.quorate.raft..",
          "io.grpc..",
          "..region.storage..",
          "..region.host..",
          "java.util.concurrent..",
          "java.io..",
          "java.nio.file..");

  @ArchTest
  static final ArchRule RULES_KNOW_NO_CLOCK = noClasses()
      .that()
      .resideInAnyPackage(
          "..region.command..",
          "..region.mvcc..",
          "..region.transaction..",
          "..region.wire..",
          "..region.storage..")
      .should()
      .callMethod(System.class, "currentTimeMillis")
      .orShould()
      .callMethod(System.class, "nanoTime")
      .orShould()
      .dependOnClassesThat()
      .belongToAnyOf(Thread.class, java.util.Random.class, java.time.Instant.class);

  @ArchTest
  static final ArchRule ROCKSDB_STAYS_IN_STORAGE = noClasses()
      .that()
      .resideOutsideOfPackage("..region.storage..")
      .and()
      .resideOutsideOfPackage("..region.host..")
      .should()
      .dependOnClassesThat()
      .resideInAPackage("org.rocksdb..");
}
