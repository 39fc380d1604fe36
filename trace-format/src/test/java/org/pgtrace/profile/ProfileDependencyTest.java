package org.pgtrace.profile;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ProfileDependencyTest {
  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("org.pgtrace.profile", "org.pgtrace.reader", "org.pgtrace.report");

  @Test
  void profiles_are_made_of_what_the_reader_reads_and_of_histograms() {
    classes()
        .that()
        .resideInAPackage("org.pgtrace.profile..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "org.pgtrace.profile..",
            "org.pgtrace.report..",
            "org.pgtrace.reader..",
            "org.pgtrace.format..",
            "org.HdrHistogram..",
            "java..",
            "org.jspecify.annotations..")
        .check(MAIN);
  }

  @Test
  void the_reader_knows_the_format_alone() {
    classes()
        .that()
        .resideInAPackage("org.pgtrace.reader..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "org.pgtrace.reader..", "org.pgtrace.format..", "java..", "org.jspecify.annotations..")
        .check(MAIN);
  }

  @Test
  void what_writes_json_knows_nothing_of_traces() {
    classes()
        .that()
        .resideInAPackage("org.pgtrace.report..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("org.pgtrace.report..", "java..", "org.jspecify.annotations..")
        .check(MAIN);
  }

  @Test
  void nothing_prints_to_the_console() {
    noClasses().should().accessField(System.class, "out").check(MAIN);
    noClasses().should().accessField(System.class, "err").check(MAIN);
  }
}
