package io.quorate.raft;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The house lines inside this module. */
@AnalyzeClasses(packages = "io.quorate.raft", importOptions = ImportOption.DoNotIncludeTests.class)
class LayersTest {
  @ArchTest
  static final ArchRule layers = layeredArchitecture()
      .consideringOnlyDependenciesInLayers()
      .layer("port")
      .definedBy("io.quorate.raft")
      .layer("mailbox")
      .definedBy("io.quorate.raft.mailbox")
      .layer("storage")
      .definedBy("io.quorate.raft.storage")
      .layer("transport")
      .definedBy("io.quorate.raft.transport")
      .layer("host")
      .definedBy("io.quorate.raft.host")
      .whereLayer("host")
      .mayNotBeAccessedByAnyLayer()
      .whereLayer("transport")
      .mayOnlyBeAccessedByLayers("host")
      .whereLayer("storage")
      .mayOnlyBeAccessedByLayers("host")
      .whereLayer("mailbox")
      .mayOnlyBeAccessedByLayers("transport", "host");

  @ArchTest
  static final ArchRule portKnowsNoEngine = noClasses()
      .that()
      .resideInAPackage("io.quorate.raft")
      .should()
      .dependOnClassesThat()
      .resideInAnyPackage("com.alipay..", "com.lmax..", "org.rocksdb..", "io.grpc..");

  @ArchTest
  static final ArchRule onlyStorageAndHostKnowRocksDb = noClasses()
      .that()
      .resideOutsideOfPackages("io.quorate.raft.storage", "io.quorate.raft.host")
      .should()
      .dependOnClassesThat()
      .resideInAPackage("org.rocksdb..");

  @ArchTest
  static final ArchRule onlyTransportKnowsGrpc = noClasses()
      .that()
      .resideOutsideOfPackages("io.quorate.raft.transport", "io.quorate.raft.host")
      .should()
      .dependOnClassesThat()
      .resideInAPackage("io.grpc..");

  /** jraft's own transport is on the class path because its classes name it, and is never used. */
  @ArchTest
  static final ArchRule nobodyUsesBolt =
      noClasses().should().dependOnClassesThat().resideInAPackage("com.alipay.remoting..");
}
