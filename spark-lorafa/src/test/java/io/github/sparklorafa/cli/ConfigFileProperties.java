package io.github.sparklorafa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.fuzz.Damaged;
import io.github.sparklorafa.fuzz.Limits;
import io.github.sparklorafa.train.TrainConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.apache.hadoop.fs.FileUtil;

/** The file of {@code --config}, from YAML to the configuration that its flags make. */
class ConfigFileProperties {
  private static final String FLAGS =
      """
      # a run
      task: text-classification
      model: "/models/tiny"
      data: 's3a://bucket/a b'
      options: [header=true, sep=;]
      output: out
      rank: 8
      alpha: 1.6e+1
      target-modules: [q_proj, v_proj]
      rank-pattern:
        - "layers.0.q_proj=4"
      epochs: 2.5
      shuffle: false
      seed: 0x2a
      schedule: &schedule cosine
      memory: 24g
      """;

  private static final List<String> SPICES =
      List.of(
          "rank: &a [*a]",
          "rank: &a [[*a]]",
          "rank: &a {b: [*a]}",
          "? &a [*a]\n: 1",
          "? rank: &a [*a]",
          "task: {? {a: &b [*b]} : 1}",
          "? [a, {b: c}]\n: 1",
          laughs(3, 16),
          laughs(9, 6),
          "rank: [" + "[".repeat(60),
          "<<: {rank: 2}",
          "<<: [{rank: 2}, {alpha: 3}]",
          "<<: 3",
          "rank: !!binary 'AAAA'",
          "rank: !!binary '*'",
          "rank: !!timestamp 2001-99-99",
          "rank: 2001-02-03T99:99:99Z",
          "rank: !!int x",
          "rank: !!float x",
          "rank: !!set {a, b}",
          "rank: !!omap [a: 1]",
          "rank: !!javax.script.ScriptEngineManager [!!java.net.URL ['http://127.0.0.1']]",
          "rank: !!java.io.File ['/etc/passwd']",
          "rank: 190:20:30",
          "rank: 0b1_0",
          "rank: 99999999999999999999",
          "alpha: .nan",
          "alpha: -.inf",
          "alpha: 1e400",
          "rank: ~",
          "~: 1",
          "model: 'file:///etc/passwd'",
          "target-modules: '((((a*)*)*)*)*b'",
          "rank-pattern: '(a+)+$=3'",
          "---\nrank: 1\n---\nrank: 2",
          "%YAML 9.9\n---\n",
          "*schedule",
          "|\n  a",
          "\t",
          "@",
          "`",
          "\u0007",
          "\uD83D\uDE00");

  private static Path folder;

  @BeforeContainer
  static void open() throws IOException {
    folder = Files.createTempDirectory("spark-lorafa-fuzz");
  }

  @AfterContainer
  static void close() {
    FileUtil.fullyDelete(folder.toFile());
  }

  /** Lists that name each other {@code width} times over, {@code depth} levels deep. */
  private static String laughs(int width, int depth) {
    StringBuilder yaml = new StringBuilder("model: &a0 [x]\n");
    for (int level = 1; level < depth; level++) {
      String items = ("*a" + (level - 1) + ",").repeat(width);
      yaml.append("data: &a%d [%s]%n".formatted(level, items));
    }
    return yaml.toString();
  }

  /** Every flag with its usual text. */
  private static String allFlags() {
    TrainConfig usual = TrainConfig.builder().model("m").data("d").output("o").build();
    return TrainFlags.ALL.stream()
        .map(flag -> flag.name() + ": \"" + flag.shown().apply(usual) + "\"\n")
        .collect(Collectors.joining());
  }

  @Provide
  Arbitrary<String> files() {
    return Damaged.texts(List.of(FLAGS, allFlags(), "{rank: 2, model: m}"), SPICES);
  }

  @Property(seed = "41")
  void configFiles(@ForAll("files") String yaml) throws IOException {
    reads(yaml.getBytes(StandardCharsets.UTF_8));
  }

  @Provide
  Arbitrary<byte[]> anyBytes() {
    return Damaged.bytes(List.of(FLAGS.getBytes(StandardCharsets.UTF_8)));
  }

  @Property(seed = "42")
  void configFilesThatAreNoText(@ForAll("anyBytes") byte[] bytes) throws IOException {
    reads(bytes);
  }

  /** Each alone, so that every one is met in every run. */
  @Example
  void nastyFiles() throws IOException {
    for (String spice : SPICES) {
      reads(spice.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static void reads(byte[] bytes) throws IOException {
    Path file = Files.write(folder.resolve("run.yaml"), bytes);
    Limits.reads(() -> assertThat(TrainFlags.config(ConfigFile.read(file))).isNotNull());
  }
}
