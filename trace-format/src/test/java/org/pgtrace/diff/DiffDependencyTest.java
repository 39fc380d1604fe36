package org.pgtrace.diff;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class DiffDependencyTest {
  private static final JavaClasses ALL =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("org.pgtrace");

  @Test
  void it_knows_the_jdk_and_the_reader_alone() {
    classes()
        .that()
        .resideInAPackage("org.pgtrace.diff..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "org.pgtrace.diff..",
            "org.pgtrace.format..",
            "org.pgtrace.reader..",
            "org.pgtrace.report..",
            "java..",
            "javax.xml.stream..",
            "org.jspecify.annotations..")
        .check(ALL);
  }

  @Test
  void format_and_reader_do_not_know_it() {
    noClasses()
        .that()
        .resideInAnyPackage("org.pgtrace.format..", "org.pgtrace.reader..", "org.pgtrace.report..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.pgtrace.diff..")
        .check(ALL);
  }
}
