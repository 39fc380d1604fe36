package org.pgtrace.format;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class DependencyTest {
  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("org.pgtrace.format", "org.pgtrace.reader");

  @Test
  void theFormatAndItsReaderKnowTheJdkAndNullAnnotationsOnly() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "org.pgtrace.format..",
            "org.pgtrace.reader..",
            "java..",
            "org.slf4j..",
            "org.jspecify.annotations..")
        .check(MAIN);
  }

  @Test
  void theFormatDoesNotKnowItsReader() {
    noClasses()
        .that()
        .resideInAPackage("org.pgtrace.format..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.pgtrace.reader..")
        .check(MAIN);
  }

  @Test
  void nothingPrintsToTheConsole() {
    noClasses().should().accessField(System.class, "out").check(MAIN);
    noClasses().should().accessField(System.class, "err").check(MAIN);
  }
}
