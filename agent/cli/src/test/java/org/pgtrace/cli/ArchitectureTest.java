package org.pgtrace.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Dependencies point as the architecture says, and each job is done in its own module alone. */
class ArchitectureTest {
  private static final JavaClasses PRODUCT =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.pgtrace");

  @Test
  void the_format_and_the_proc_reader_know_nothing_of_the_agent() {
    noClasses()
        .that()
        .resideInAnyPackage("org.pgtrace.format..", "org.pgtrace.proc..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.pgtrace.ring..", "org.pgtrace.daemon..", "org.pgtrace.cli..")
        .check(PRODUCT);
  }

  @Test
  void the_format_and_the_proc_reader_know_nothing_of_each_other() {
    noClasses()
        .that()
        .resideInAPackage("org.pgtrace.format..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.pgtrace.proc..")
        .check(PRODUCT);
    noClasses()
        .that()
        .resideInAPackage("org.pgtrace.proc..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.pgtrace.format..")
        .check(PRODUCT);
  }

  @Test
  void the_ring_reader_knows_only_rings() {
    noClasses()
        .that()
        .resideInAPackage("org.pgtrace.ring..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.pgtrace.format..",
            "org.pgtrace.proc..",
            "org.pgtrace.daemon..",
            "org.pgtrace.cli..")
        .check(PRODUCT);
  }

  @Test
  void nothing_depends_on_the_command_line() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.pgtrace.cli..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.pgtrace.cli..", "picocli..")
        .check(PRODUCT);
  }

  @Test
  void only_the_ring_reader_touches_memory() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.pgtrace.ring..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("com.sun.jna..", "sun.misc..", "jdk.internal..")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.lang.invoke.VarHandle")
        .check(PRODUCT);
  }

  @Test
  void only_one_class_orders_memory() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("org.pgtrace.ring.SharedMemory")
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.lang.invoke.VarHandle")
        .check(PRODUCT);
  }

  @Test
  void only_profiles_have_histograms() {
    noClasses()
        .that()
        .resideOutsideOfPackages("org.pgtrace.profile..", "org.HdrHistogram..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.HdrHistogram..")
        .check(PRODUCT);
  }

  @Test
  void nobody_prints_but_the_commands() {
    noClasses()
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .check(PRODUCT);
  }
}
