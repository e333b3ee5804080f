package io.quorate.gateway;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "io.quorate.gateway",
    importOptions = ImportOption.DoNotIncludeTests.class)
class LayersTest {
  /** So that it can also run where no store is. */
  @ArchTest
  static final ArchRule theGatewayStandsOnTheSdkAlone = noClasses()
      .should()
      .dependOnClassesThat()
      .resideInAnyPackage(
          "io.quorate.region..", "io.quorate.raft..", "io.quorate.store..", "org.rocksdb..");

  @ArchTest
  static final ArchRule translationKnowsNoThreads = noClasses()
      .that()
      .haveSimpleNameStartingWith("Kv")
      .and()
      .haveSimpleNameNotEndingWith("Service")
      .or()
      .haveSimpleName("EtcdKeys")
      .should()
      .dependOnClassesThat()
      .resideInAnyPackage("java.util.concurrent..", "java.net..", "io.quorate.client.placement..");
}
