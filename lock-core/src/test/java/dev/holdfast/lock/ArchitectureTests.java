package dev.holdfast.lock;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The directions of the house: spring -> engine -> store <- etcd | memory (docs/design.md, "The house"). */
class ArchitectureTests {

    private static final String BASE = "dev.holdfast.lock";

    private final JavaClasses core = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(BASE);

    @Test
    void packagesHaveNoCycles() {
        slices().matching(BASE + ".(*)..").should().beFreeOfCycles().check(core);
    }

    @Test
    void theContractKnowsNobody() {
        noClasses()
                .that()
                .resideInAPackage(BASE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(BASE + ".*..", "io.etcd..", "io.grpc..", "org.springframework..")
                .check(core);
    }

    @Test
    void theStorePortKnowsOnlyTheContract() {
        classes()
                .that()
                .resideInAPackage(BASE + ".store")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify..", BASE, BASE + ".store")
                .check(core);
    }

    @Test
    void theEngineKnowsOnlyTheStorePort() {
        noClasses()
                .that()
                .resideInAPackage(BASE + ".engine")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(BASE + ".etcd..", BASE + ".memory..", "io.etcd..", "io.grpc..")
                .check(core);
    }

    @Test
    void onlyTheEtcdPackageSeesJetcdAndGrpc() {
        noClasses()
                .that()
                .resideOutsideOfPackage(BASE + ".etcd")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.etcd..", "io.grpc..", "io.netty..", "com.google.protobuf..")
                .check(core);
    }

    @Test
    void theCoreKnowsNoSpring() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.springframework..")
                .check(core);
    }

    @Test
    void timeComesFromOutside() {
        noClasses()
                .that()
                .resideInAPackage(BASE + ".memory")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .check(core);
        noClasses()
                .that()
                .resideOutsideOfPackage(BASE + ".time")
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .check(core);
    }
}
