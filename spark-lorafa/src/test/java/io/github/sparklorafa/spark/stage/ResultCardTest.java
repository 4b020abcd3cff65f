package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.checkpoint.ModelConfigParser;
import io.github.sparklorafa.data.TokenStoreManifest;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.spark.progress.Redaction;
import io.github.sparklorafa.train.EvaluationReport;
import io.github.sparklorafa.train.RunStart;
import io.github.sparklorafa.train.StepReport;
import io.github.sparklorafa.train.StepTimes;
import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.TrainConfigBuilder;
import io.github.sparklorafa.train.TrainSummary;
import io.github.sparklorafa.train.Transport;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

class ResultCardTest {
  private static final String HOSTILE = "a<script>|`\n```\n---\n\"b\" [c](d) 'e'";

  @TempDir Path folder;

  private final RunHistory history = new RunHistory();

  private static TrainConfigBuilder config() {
    return TrainConfig.builder()
        .model("hdfs:///models/tiny/")
        .data("lake.answers")
        .output("hdfs:///adapters/support")
        .rank(4)
        .workers(2)
        .learningRate(2e-3)
        .maxLength(20)
        .microBatchSize(2);
  }

  private Map<String, String> files(TrainConfig config) {
    JobPlan plan =
        new JobPlan(
            config,
            config.model(),
            Optional.empty(),
            config.output(),
            Optional.empty(),
            Optional.empty(),
            ModelConfigParser.fromJson(read(TrainingCluster.reference("llama-gqa/config.json"))),
            new Cluster(new SparkConf(false), false, List.of(1, 1)),
            Transport.GLOO,
            new Configuration(false));
    return ResultCard.files(
        plan,
        new ResultCard.Made(
            new TokenStoreManifest(1, 1234, 56789, 4000, 20, "0123456789abcdef", List.of()),
            Optional.of(new TokenStoreManifest(1, 77, 888, 99, 20, "fedcba9876543210", List.of())),
            List.of("Delta table lake.answers, version 3"),
            history,
            new TrainSummary(3, 4.25, 2.125, 2.5, 3072, 300, 12296, 75520, 1.5, 2, 2.4375, 0),
            2,
            Map.of("Apache Spark", "3.5.5")));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void threeSteps() {
    history.onStart(new RunStart(0, 2, 3, 3072, 40224, 0));
    for (int step = 1; step <= 3; step++) {
      history.onStep(
          new StepReport(
              step, 3, 0.1, 5.0 - step, 1e-3, 1, 100, 12296, 75520, 0.5, 0, 0, StepTimes.NONE));
    }
    history.onEvaluation(new EvaluationReport(3, 0.3, 2.5, 0.1, Map.of("perplexity", 12.1825)));
  }

  private static Map<String, Object> frontMatter(String readme) {
    assertThat(readme).startsWith("---\n");
    String yaml = readme.substring(4, readme.indexOf("\n---\n", 4));
    return new Yaml(new SafeConstructor(new LoaderOptions())).load(yaml);
  }

  @Test
  void theHubFindsItsFields() {
    threeSteps();

    assertThat(frontMatter(files(config().build()).get("README.md")))
        .containsEntry("base_model", "hdfs:///models/tiny/")
        .containsEntry("library_name", "peft")
        .containsEntry("pipeline_tag", "text-generation")
        .containsEntry("tags", List.of("spark-lorafa", "lora-fa"))
        .containsEntry("datasets", List.of("lake.answers"));
  }

  @Test
  void theCardSaysWhatWasDone() {
    threeSteps();

    String readme = files(config().evalData("lake.held_out").build()).get("README.md");

    assertThat(readme)
        .contains("# Adapter for tiny")
        .contains("![Loss over steps](loss.svg)")
        .contains("| loss of the first step | 4.2500 |", "| loss of the last step | 2.1250 |")
        .contains("| step of these values | 2 |")
        .contains("| evaluation loss after step 3 | 2.5000 |", "| perplexity | 12.1825 |")
        .contains("| rows | 1,234 | 77 |", "| tokens | 56,789 | 888 |")
        .contains("| checksum of the tokenised rows | 0123456789abcdef | fedcba9876543210 |")
        .contains("| version | Delta table lake.answers, version 3 |")
        .contains("| rank | 4 |", "| method | lora-fa |", "| learning-rate | 0.002 |")
        .contains("| trained numbers | 3,072 of 40,224 |")
        .contains("| kept for the backward pass, bytes | 75,520 |")
        .contains("| sent a step, bytes | 12,296 |", "| sent in this run, bytes | 36,888 |")
        .contains("| tokens by the second, all workers | 200 |", "| attempts | 2 |")
        .contains("| Apache Spark | 3.5.5 |")
        .contains(
            "bin/spark-lorafa train \\\n  --model hdfs:///models/tiny/ \\\n  --data lake.answers")
        .contains("PeftModel.from_pretrained(base, \"hdfs:///adapters/support\")");
    assertThat(readme).contains("\n| lora |", "\n| full |");
  }

  @Test
  void aCheckpointIsOneOfTransformers() {
    threeSteps();

    String readme = files(config().method(Method.FULL).build()).get("README.md");

    assertThat(frontMatter(readme)).containsEntry("library_name", "transformers");
    assertThat(readme).contains("# Fine-tuned tiny").doesNotContain("PeftModel");
  }

  @Test
  void namesAreText() {
    threeSteps();

    String readme = files(config().model("/m/" + HOSTILE).data(HOSTILE).build()).get("README.md");

    assertThat(frontMatter(readme))
        .containsEntry("base_model", "/m/" + HOSTILE)
        .containsEntry("datasets", List.of(HOSTILE));
    String body = readme.substring(readme.indexOf("# Adapter"));
    assertThat(body.lines().filter(line -> line.startsWith("# Adapter")))
        .containsExactly("# Adapter for a&lt;script&gt;\\|\\` \\`\\`\\` --- \"b\" \\[c\\](d) 'e'");
    assertThat(body).as("no fence is closed from within").contains("\n````\nbin/spark-lorafa");
    assertThat(body.substring(0, body.indexOf("````"))).doesNotContain("<script");
  }

  @Test
  void secretsStayOut() {
    threeSteps();

    Map<String, String> files =
        files(
            config()
                .model("s3a://AKIA:s3cr3t@bucket/m")
                .reading(r -> r.withOptions(Map.of("password", "s3cr3t", "sep", ";")))
                .build());

    assertThat(files.toString()).doesNotContain("s3cr3t").contains(Redaction.REDACTED, "sep=;");
  }

  @Test
  void theCurveIsAPicture() throws Exception {
    threeSteps();

    String svg = files(config().build()).get("loss.svg");

    assertThat(
            DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(svg)))
                .getElementsByTagName("polyline")
                .item(0)
                .getAttributes()
                .getNamedItem("points")
                .getNodeValue()
                .split(" "))
        .hasSize(3);
  }

  /** A retry takes steps again; a long run has more steps than a picture has points. */
  @Test
  void theHistoryHasEachStepOnceAndNotTooMany() {
    threeSteps();
    history.onStart(new RunStart(1, 2, 100_000, 1, 1, 2));
    assertThat(history.losses()).hasSize(2);
    assertThat(history.evaluations()).isEmpty();
    for (int step = 3; step <= 100_000; step++) {
      history.onStep(new StepReport(step, 100_000, 0, 1, 0, 0, 1, 1, 1, 1, 0, 0, StepTimes.NONE));
    }
    assertThat(history.losses()).hasSizeBetween(1000, 2001);
    assertThat(history.losses().get(0).x()).isEqualTo(1);
    assertThat(history.losses().get(history.losses().size() - 1).x()).isEqualTo(100_000);
  }
}
