package io.github.sparklorafa;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** docs/reliability.md lists what the plugin jar carries, each in its version, and nothing else. */
@Tag("spark")
class ShippedSoftwareTest {
  private static final Path REPOSITORY =
      Path.of(System.getProperty("spark-lorafa.repository", ".."));
  private static final Pattern ROW =
      Pattern.compile("^\\| `([\\w.-]+:[\\w.-]+)` \\| ([\\w.-]+) \\|", Pattern.MULTILINE);

  /** Where the classes of each lie in the jar, the longer names first. */
  private static final Map<String, String> PLACES = new LinkedHashMap<>();

  /** Those that say their version in the pom alone. */
  private static final Map<String, String> IN_POM =
      Map.of(
          "ai.djl:api", "djl",
          "ai.djl.huggingface:tokenizers", "djl",
          "info.picocli:picocli", "picocli",
          "net.java.dev.jna:jna", "jna");

  static {
    PLACES.put("io/github/sparklorafa/shaded/gson/", "com.google.code.gson:gson");
    PLACES.put("io/github/sparklorafa/shaded/picocli/", "info.picocli:picocli");
    PLACES.put("io/github/sparklorafa/shaded/snakeyaml/", "org.yaml:snakeyaml");
    PLACES.put("io/github/sparklorafa/", "");
    PLACES.put("ai/djl/huggingface/", "ai.djl.huggingface:tokenizers");
    PLACES.put("ai/djl/", "ai.djl:api");
    PLACES.put("com/sun/jna/", "net.java.dev.jna:jna");
    PLACES.put("org/bytedeco/pytorch/", "org.bytedeco:pytorch");
    PLACES.put("org/bytedeco/openblas/", "org.bytedeco:openblas");
    PLACES.put("org/bytedeco/javacpp/", "org.bytedeco:javacpp");
  }

  private static final Map<String, String> LISTED = new TreeMap<>();

  @BeforeAll
  static void read() throws IOException {
    Matcher row = ROW.matcher(Files.readString(REPOSITORY.resolve("docs/reliability.md")));
    while (row.find()) {
      assertThat(LISTED.put(row.group(1), row.group(2))).as(row.group()).isNull();
    }
  }

  @Test
  void theJarCarriesWhatIsListedInThatVersion() throws IOException {
    Map<String, String> shipped = new TreeMap<>();
    String pom = Files.readString(REPOSITORY.resolve("pom.xml"));
    IN_POM.forEach(
        (artifact, property) -> {
          Matcher version = Pattern.compile("<version." + property + ">(.*?)<").matcher(pom);
          assertThat(version.find()).as(property).isTrue();
          shipped.put(artifact, version.group(1));
        });
    Set<String> found = new TreeSet<>();
    try (JarFile jar = new JarFile(System.getProperty("spark-lorafa.jar"))) {
      for (JarEntry entry : jar.stream().toList()) {
        String name = entry.getName();
        assertThat(name).as("nothing for some JDKs only").doesNotStartWith("META-INF/versions");
        if (name.endsWith("/pom.properties")) {
          Properties maven = new Properties();
          try (InputStream in = jar.getInputStream(entry)) {
            maven.load(in);
          }
          shipped.put(
              maven.getProperty("groupId") + ":" + maven.getProperty("artifactId"),
              maven.getProperty("version"));
        } else if (name.endsWith(".class")) {
          found.add(
              PLACES.entrySet().stream()
                  .filter(place -> name.startsWith(place.getKey()))
                  .map(Map.Entry::getValue)
                  .findFirst()
                  .orElse("whose is " + name));
        }
      }
    }
    shipped.remove("io.github.sparklorafa:spark-lorafa");
    found.remove("");
    assertThat(LISTED).isEqualTo(shipped);
    assertThat(found).as("classes are those of what is listed").isEqualTo(LISTED.keySet());
  }
}
