package io.github.sparklorafa;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Holds the code to the package map; the same table stands in CONTRIBUTING.md. */
@Tag("unit")
class ArchitectureTest {
  private static final String BASE = "io.github.sparklorafa";

  /** Each line: a package, and the packages of ours that it may use. A new package starts here. */
  private static final String PACKAGE_MAP =
      """
      tensor          :
      collective      : tensor
      nn              : tensor
      lora            : nn tensor
      model           : nn tensor
      chat            :
      data            : chat tensor
      checkpoint      : model lora nn tensor
      infer           : model lora data nn tensor
      train           : checkpoint infer collective lora model data nn tensor
      markup          :
      spark.progress  : train
      spark.transport : collective tensor
      spark.stage     : spark.progress spark.transport train infer checkpoint collective lora model data markup tensor
      spark.ml        : spark.stage train infer checkpoint lora data
      spark.ui        : spark.progress markup
      spark.plugin    : spark.ui spark.progress spark.stage tensor
      cli             : spark.ml spark.stage train infer checkpoint lora model data tensor
      """;

  private static final JavaClasses CODE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_JARS)
          .importPackages(BASE);

  @Test
  void everyClassLivesInAPackageOfTheMap() {
    String[] known = packageMap().keySet().toArray(String[]::new);
    check(classes().should().resideInAnyPackage(known).as("every package is in the map: " + BASE));
  }

  @TestFactory
  Stream<DynamicTest> packagesUseOnlyWhatTheMapAllows() {
    return packageMap().entrySet().stream()
        .map(
            line ->
                dynamicTest(line.getKey(), () -> check(direction(line.getKey(), line.getValue()))));
  }

  @Test
  void packagesHaveNoCycles() {
    check(slices().matching(BASE + ".(**)").should().beFreeOfCycles());
  }

  @Test
  void noPackageIsNamedAfterNothing() {
    check(
        noClasses()
            .should()
            .resideInAnyPackage("..util..", "..utils..", "..common..", "..impl..", "..params.."));
  }

  @Test
  void onlySparkPackagesAndCliKnowSparkAndScala() {
    check(onlyIn(List.of("spark..", "cli"), resideInAnyPackage("org.apache.spark..", "scala..")));
  }

  @Test
  void onlyFilesAndSparkKnowHadoop() {
    check(
        onlyIn(
            List.of("checkpoint", "data", "spark..", "cli"),
            resideInAPackage("org.apache.hadoop..")));
  }

  @Test
  void sparkPackagesNeverSeeATensor() {
    check(
        noClasses()
            .that()
            .resideInAPackage(BASE + ".spark..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.bytedeco.."));
    check(
        classes()
            .that()
            .resideInAPackage(BASE + ".spark..")
            .should(callNothingWithATensorInItsSignature()));
  }

  @Test
  void onlyCollectiveAndTransportOpenSockets() {
    check(
        onlyIn(
            List.of("collective", "spark.transport"),
            new DescribedPredicate<JavaClass>("sockets") {
              @Override
              public boolean test(JavaClass type) {
                return type.getName()
                        .matches("java(x)?\\.n(et|io\\.channels)\\..*(Socket|SocketChannel|Server)")
                    || resideInAnyPackage(
                            "javax.net..", "java.net.http..", "com.sun.net..", "io.netty..")
                        .test(type);
              }
            }));
  }

  /** Nothing from outside becomes an object of Java's choice, nor a path out of an archive. */
  @Test
  void nothingIsDeserialisedThatMayBeAnything() {
    check(
        noClasses()
            .should()
            .dependOnClassesThat(
                new DescribedPredicate<JavaClass>(
                    "Java serialisation, XML beans, archives or types named in JSON or YAML") {
                  @Override
                  public boolean test(JavaClass type) {
                    return type.getName()
                        .matches(
                            "java\\.io\\.Object(In|Out)putStream|java\\.beans\\.XML\\w+"
                                + "|java\\.util\\.(zip\\.Zip|jar\\.Jar)\\w*"
                                + "|com\\.fasterxml\\.jackson\\.annotation\\.JsonTypeInfo"
                                + "|com\\.fasterxml\\.jackson\\.databind\\.jsontype\\..*"
                                + "|org\\.yaml\\.snakeyaml\\.constructor\\.Constructor"
                                + "|org\\.apache\\.spark\\.serializer\\..*"
                                + "|org\\.apache\\.commons\\.lang3?\\.SerializationUtils");
                  }
                }));
  }

  @Test
  void publicTypesLiveInDocumentedPackages() {
    check(
        classes()
            .that()
            .arePublic()
            .should(
                satisfy(
                    "live in a package with a package-info.java",
                    type -> type.getPackage().tryGetPackageInfo().isPresent())));
  }

  @Test
  void atLeastHalfOfTheTypesArePackagePrivate() {
    for (String name : List.of("spark.stage", "collective", "checkpoint")) {
      List<JavaClass> types =
          CODE.stream()
              .filter(type -> type.getPackageName().equals(BASE + "." + name))
              .filter(
                  type -> type.isTopLevelClass() && !type.getSimpleName().equals("package-info"))
              .toList();
      List<String> visible =
          types.stream()
              .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
              .map(JavaClass::getSimpleName)
              .sorted()
              .toList();
      assertThat(visible.size() * 2)
          .as("public types of %s, of %d in all: %s", name, types.size(), visible)
          .isLessThanOrEqualTo(types.size());
    }
  }

  private static Map<String, List<String>> packageMap() {
    Map<String, List<String>> map = new TreeMap<>();
    PACKAGE_MAP
        .lines()
        .map(line -> line.split(":", 2))
        .forEach(line -> map.put(BASE + "." + line[0].trim(), qualified(line[1])));
    return map;
  }

  private static List<String> qualified(String names) {
    return Arrays.stream(names.trim().split(" +"))
        .filter(name -> !name.isEmpty())
        .map(name -> BASE + "." + name)
        .toList();
  }

  private static ArchRule direction(String name, List<String> mayUse) {
    List<String> allowed = new ArrayList<>(mayUse);
    allowed.add(name);
    return noClasses()
        .that()
        .resideInAPackage(name)
        .should()
        .dependOnClassesThat(
            resideInAPackage(BASE + "..")
                .and(DescribedPredicate.not(resideInAnyPackage(allowed.toArray(String[]::new)))))
        .as(name + " uses only " + mayUse);
  }

  private static ArchRule onlyIn(List<String> packages, DescribedPredicate<JavaClass> what) {
    String[] names = packages.stream().map(name -> BASE + "." + name).toArray(String[]::new);
    return noClasses()
        .that(DescribedPredicate.not(resideInAnyPackage(names)))
        .should()
        .dependOnClassesThat(what)
        .as("only " + packages + " use " + what.getDescription());
  }

  private static ArchCondition<JavaClass> callNothingWithATensorInItsSignature() {
    return new ArchCondition<>("call nothing with a tensor in its signature") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        for (JavaAccess<?> access : type.getAccessesFromSelf()) {
          boolean tensor =
              access.getTarget() instanceof CodeUnitAccessTarget target
                  && Stream.concat(
                          target.getRawParameterTypes().stream(),
                          Stream.of(target.getRawReturnType()))
                      .anyMatch(resideInAPackage("org.bytedeco.."));
          if (tensor) {
            events.add(SimpleConditionEvent.violated(access, access.getDescription()));
          }
        }
      }
    };
  }

  private static ArchCondition<JavaClass> satisfy(String what, Predicate<JavaClass> predicate) {
    return new ArchCondition<>(what) {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        if (!predicate.test(type)) {
          events.add(SimpleConditionEvent.violated(type, type.getName() + " does not " + what));
        }
      }
    };
  }

  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(CODE);
  }
}
