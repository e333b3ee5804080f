package io.quorate.client;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may know whom inside the SDK. */
@AnalyzeClasses(
    packages = "io.quorate.client",
    importOptions = ImportOption.DoNotIncludeTests.class)
class LayersTest {
  @ArchTest
  static final ArchRule retryIsPure = noClasses()
      .that()
      .resideInAPackage("..client.retry..")
      .should()
      .dependOnClassesThat()
      .resideInAnyPackage("io.grpc..", "java.util.concurrent..", "java.io..", "java.net..");

  @ArchTest
  static final ArchRule theRoutingTableIsPure = noClasses()
      .that()
      .haveSimpleNameStartingWith("RoutingTable")
      .or()
      .haveSimpleName("RangeMerge")
      .should()
      .dependOnClassesThat()
      .resideInAnyPackage("io.grpc..", "java.util.concurrent..", "java.io..", "java.net..");

  @ArchTest
  static final ArchRule whatDecidesTransactionsIsPure = noClasses()
      .that()
      .resideInAPackage("..client.txn..")
      .and()
      .haveNameMatching(
          ".*\\.(Coordinator|CommitEvent|CommitStep|LockVerdict|Txn|Own|StartState|RangeSel|Part\\b).*")
      .should()
      .dependOnClassesThat()
      .resideInAnyPackage("io.grpc..", "java.util.concurrent..", "java.io..", "java.net..");

  @ArchTest
  static final ArchRule onlyTransportKnowsNetty = noClasses()
      .that()
      .resideOutsideOfPackage("..client.transport..")
      .should()
      .dependOnClassesThat()
      .resideInAPackage("io.grpc.netty..");

  @ArchTest
  static final ArchRule partsDoNotKnowTheDoor = noClasses()
      .that()
      .resideInAnyPackage(
          "..client.transport..",
          "..client.placement..",
          "..client.route..",
          "..client.retry..",
          "..client.store..")
      .should()
      .dependOnClassesThat()
      .resideInAPackage("io.quorate.client");
}
