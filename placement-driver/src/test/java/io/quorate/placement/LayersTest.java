package io.quorate.placement;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "io.quorate.placement",
    importOptions = ImportOption.DoNotIncludeTests.class)
class LayersTest {
  @ArchTest
  static final ArchRule decisionsKnowNoThreadsClocksSocketsOrFiles = noClasses()
      .that()
      .resideInAPackage("..placement.cluster..")
      .should()
      .dependOnClassesThat()
      .resideInAnyPackage(
          "io.grpc..",
          "java.util.concurrent..",
          "java.nio.file..",
          "java.net..",
          "java.time..",
          "org.slf4j..",
          "io.quorate.raft..");

  @ArchTest
  static final ArchRule booksAndWindowsKnowNoThreadsOrSockets = noClasses()
      .that()
      .haveSimpleNameEndingWith("Book")
      .or()
      .haveSimpleNameEndingWith("Window")
      .or()
      .haveSimpleNameEndingWith("Buffer")
      .or()
      .haveSimpleName("Envelopes")
      .should()
      .dependOnClassesThat()
      .resideInAnyPackage(
          "io.grpc..", "java.util.concurrent..", "java.net..", "org.slf4j..", "io.quorate.raft..");

  @ArchTest
  static final ArchRule oracleAndRegistryKnowNoTransport = noClasses()
      .that()
      .resideInAnyPackage("..placement.oracle..", "..placement.registry..")
      .should()
      .dependOnClassesThat()
      .resideInAnyPackage("io.grpc..", "..placement.node..", "org.rocksdb..");

  @ArchTest
  static final ArchRule onlyTheNodeNamesTheDatabase = noClasses()
      .that()
      .haveNameNotMatching("io\\.quorate\\.placement\\.node\\.PlacementNode.*")
      .should()
      .dependOnClassesThat()
      .resideInAPackage("org.rocksdb..");

  @ArchTest
  static final ArchRule planningKnowsNoThreadsClocksSocketsOrFiles = noClasses()
      .that()
      .resideInAPackage("..placement.schedule..")
      .should()
      .dependOnClassesThat()
      .resideInAnyPackage(
          "io.grpc..",
          "java.util.concurrent..",
          "java.nio.file..",
          "java.net..",
          "org.slf4j..",
          "io.quorate.raft..",
          "..placement.node..");

  @ArchTest
  static final ArchRule whatIsHeardKnowsNothingOfPlanning = noClasses()
      .that()
      .resideInAPackage("..placement.registry..")
      .should()
      .dependOnClassesThat()
      .resideInAPackage("..placement.schedule..");
}
