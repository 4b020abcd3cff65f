package io.github.sparklorafa.spark.stage;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.spark.SparkContext;

/** What trained, by name: those whose versions are known. */
final class Versions {
  private Versions() {}

  static Map<String, String> of(SparkContext context) {
    Map<String, String> versions = new LinkedHashMap<>();
    put(versions, "spark-lorafa", ofJar("io.github.sparklorafa/spark-lorafa"));
    put(versions, "libtorch (org.bytedeco:pytorch)", ofJar("org.bytedeco/pytorch"));
    put(versions, "Apache Spark", context.version());
    put(versions, "Java", System.getProperty("java.version"));
    return versions;
  }

  private static void put(Map<String, String> versions, String name, String version) {
    if (!version.isEmpty()) {
      versions.put(name, version);
    }
  }

  /** As Maven has written it into the jar; empty where classes lie in a folder. */
  private static String ofJar(String artifact) {
    String name = "/META-INF/maven/" + artifact + "/pom.properties";
    try (InputStream in = Versions.class.getResourceAsStream(name)) {
      Properties properties = new Properties();
      if (in != null) {
        properties.load(in);
      }
      return properties.getProperty("version", "");
    } catch (IOException e) {
      return "";
    }
  }
}
