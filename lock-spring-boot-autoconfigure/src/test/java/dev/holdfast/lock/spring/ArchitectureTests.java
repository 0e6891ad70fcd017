package dev.holdfast.lock.spring;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

class ArchitectureTests {

    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.holdfast.lock.spring");

    @Test
    void autoConfigurationsArePublicFinalWithoutPublicMembers() {
        classes()
                .that()
                .areAnnotatedWith(AutoConfiguration.class)
                .should()
                .bePublic()
                .andShould()
                .haveModifier(JavaModifier.FINAL)
                .check(classes);
        methods()
                .that()
                .areDeclaredInClassesThat()
                .areMetaAnnotatedWith(Configuration.class)
                .should()
                .notBePublic()
                .check(classes);
    }

    @Test
    void otherConfigurationsAndFailureAnalyzersAreNotPublic() {
        classes()
                .that()
                .areAnnotatedWith(Configuration.class)
                .or()
                .areAssignableTo(FailureAnalyzer.class)
                .should()
                .notBePublic()
                .check(classes);
    }

    @Test
    void postProcessorsAreMadeByStaticMethods() {
        methods()
                .that()
                .areAnnotatedWith(Bean.class)
                .and()
                .haveRawReturnType(
                        com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo(BeanPostProcessor.class)
                                .or(com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo(
                                        BeanFactoryPostProcessor.class)))
                .should()
                .beStatic()
                .check(classes);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("dev.holdfast.lock.spring.(**)")
                .should()
                .beFreeOfCycles()
                .check(classes);
    }

    @Test
    void whatUsersCallKnowsOnlyTheContract() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "dev.holdfast.lock.spring",
                        "dev.holdfast.lock.spring.election",
                        "dev.holdfast.lock.spring.http",
                        "dev.holdfast.lock.spring.integration",
                        "dev.holdfast.lock.spring.jdbc")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.holdfast.lock.etcd..",
                        "dev.holdfast.lock.memory..",
                        "dev.holdfast.lock.engine..",
                        "dev.holdfast.lock.store..",
                        "dev.holdfast.lock.spring.autoconfigure..",
                        "io.etcd..")
                .check(classes);
    }

    @Test
    void reactorIsKnownWhereItIsCertainToBeThere() {
        noClasses()
                .that()
                .doNotHaveSimpleName("PublisherCall")
                .and()
                .doNotHaveSimpleName("ReactiveLockContext")
                .and()
                .doNotHaveSimpleName("HoldInContext")
                .and()
                .doNotHaveSimpleName("DeferredJob")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("reactor..", "org.reactivestreams..", "kotlin..", "kotlinx..")
                .check(classes);
    }

    @Test
    void mockitoIsKnownWhereItIsCertainToBeThere() {
        noClasses()
                .that()
                .doNotHaveSimpleName("Mocks")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.mockito..")
                .check(classes);
    }

    @Test
    void springIntegrationIsKnownInItsOwnPackageOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.holdfast.lock.spring.integration")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.springframework.integration..")
                .check(classes);
    }

    @Test
    void databasesAndHttpAreKnownInThePackagesOfTheirFencesOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.holdfast.lock.spring.jdbc", "dev.holdfast.lock.spring.http")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.springframework.jdbc..", "org.springframework.http..", "org.springframework.web..")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.holdfast.lock.spring.jdbc", "dev.holdfast.lock.spring.http")
                .check(classes);
    }
}
