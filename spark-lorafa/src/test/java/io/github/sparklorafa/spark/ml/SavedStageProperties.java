package io.github.sparklorafa.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.fuzz.Damaged;
import io.github.sparklorafa.fuzz.Limits;
import io.github.sparklorafa.train.EvaluationReport;
import io.github.sparklorafa.train.Reports;
import io.github.sparklorafa.train.TrainSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.ml.param.Params;

/** Saved Estimators and Models from anywhere, as far as this project reads them. */
class SavedStageProperties {
  private static final Configuration HADOOP = new Configuration();

  private static Path folder;

  @BeforeContainer
  static void open() throws IOException {
    folder = Files.createTempDirectory("spark-lorafa-fuzz");
  }

  @AfterContainer
  static void close() {
    FileUtil.fullyDelete(folder.toFile());
  }

  /** What loads a stage, and the metadata that it is given. */
  record Saved(Class<? extends Params> type, Function<String, Params> constructor, String json) {
    @Override
    public String toString() {
      return json;
    }
  }

  private static <T extends Params> Arbitrary<Saved> saved(
      Class<T> type, Function<String, Params> constructor, Params stage) throws IOException {
    Path at = Files.createTempDirectory(folder, "good");
    StageMetadata.write(stage, at.toString(), "3.5.5", HADOOP);
    String json = Files.readString(at.resolve("metadata/part-00000"));
    return Damaged.json(List.of(json)).map(damaged -> new Saved(type, constructor, damaged));
  }

  @Provide
  Arbitrary<Saved> stages() throws IOException {
    LoraFaCausalLM writer = new LoraFaCausalLM().setModel("m").setRank(4).setOutput("out");
    writer.setRankPattern(Map.of("q_proj", 2)).setTargetModules("q_proj", "v_proj");
    List<Arbitrary<Saved>> all = new ArrayList<>();
    all.add(saved(LoraFaCausalLM.class, LoraFaCausalLM::new, writer));
    all.add(
        saved(
            LoraFaCausalLMModel.class,
            LoraFaCausalLMModel::new,
            new LoraFaCausalLMModel("causal_1").setModel("m")));
    all.add(
        saved(
            LoraFaSequenceClassifier.class,
            LoraFaSequenceClassifier::new,
            new LoraFaSequenceClassifier("classifier_1").setModel("m")));
    all.add(
        saved(
            LoraFaSequenceClassifierModel.class,
            LoraFaSequenceClassifierModel::new,
            new LoraFaSequenceClassifierModel("classifier_2").setLabelNames("a", "b")));
    all.add(saved(LoraFaSeq2Seq.class, LoraFaSeq2Seq::new, new LoraFaSeq2Seq("seq_1")));
    all.add(saved(TextEvaluator.class, TextEvaluator::new, new TextEvaluator("text_1")));
    return Arbitraries.oneOf(all);
  }

  @Property(seed = "101")
  void metadata(@ForAll("stages") Saved saved) throws IOException {
    Path part = folder.resolve("stage/metadata/part-00000");
    Files.createDirectories(part.getParent());
    Files.writeString(part, saved.json());
    Limits.reads(
        () -> {
          StageMetadata metadata =
              StageMetadata.read(folder.resolve("stage").toString(), saved.type(), HADOOP);
          assertThat(folder.resolve(metadata.uid()).normalize().getParent())
              .as("folders are named after it")
              .isEqualTo(folder);
          Params stage = saved.constructor().apply(metadata.uid());
          metadata.setParams(stage);
          assertThat(stage.explainParams()).isNotEmpty();
          if (stage instanceof LoraFaEstimator<?, ?> estimator) {
            // What fit does first; its own refusals are those of a configuration.
            Limits.reads(() -> assertThat(Configs.of(estimator, "out")).isNotNull());
          }
        });
  }

  @Provide
  Arbitrary<String> summaries() {
    TrainSummary end =
        new TrainSummary(20, 3.5, 1.25, Double.NaN, 99, 1000, 400, 500, 1.5, 0, Double.NaN, 0);
    return Damaged.json(
        List.of(
            new LoraFaTrainingSummary(
                    new LoraFaTrainingSummary.Record(
                        23,
                        1,
                        end,
                        List.of(Reports.step(1, 5), Reports.step(2, 6)),
                        List.of(new EvaluationReport(2, 0.5, 2.5, 0.1, Map.of("accuracy", 0.5)))))
                .toJson()));
  }

  @Property(seed = "102")
  void summaries(@ForAll("summaries") String json) {
    Limits.reads(
        () -> {
          LoraFaTrainingSummary summary = LoraFaTrainingSummary.fromJson(json);
          assertThat(summary.lossHistory()).isNotNull();
          assertThat(summary.evaluationLossHistory()).isNotNull();
          assertThat(
                  List.of(
                      summary.totalSteps(),
                      summary.bestStep(),
                      summary.bytesSent(),
                      summary.bytesKept(),
                      summary.tokensPerSecond()))
              .hasSize(5);
          assertThat(summary.toJson()).isNotEmpty();
        });
  }
}
