package io.github.sparklorafa.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.data.Alpaca;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.infer.GenerationConfig;
import io.github.sparklorafa.infer.Generator;
import io.github.sparklorafa.spark.stage.PredictConfig;
import io.github.sparklorafa.spark.stage.PredictJob;
import io.github.sparklorafa.spark.stage.RandomCheckpoint;
import io.github.sparklorafa.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Models that were trained on conversations and on instructions, asked with the same columns. */
@Tag("spark")
@Timeout(240)
class AnsweringTest {
  private static final StructType TALK =
      StructType.fromDDL("id int, messages array<struct<role:string,content:string>>");
  private static final StructType INSTRUCTIONS =
      StructType.fromDDL("id int, instruction string, input string, output string");
  private static final int TOKENS = 6;

  @TempDir static Path base;
  private static SparkSession spark;
  @TempDir Path folder;

  @BeforeAll
  static void start() throws IOException {
    RandomCheckpoint.write(base, template("chatml"));
    spark = LocalSpark.start("local[2]");
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static String template(String name) throws IOException {
    JsonNode known =
        new ObjectMapper().readTree(TinyModel.reference("chat/templates.json").toFile());
    for (JsonNode template : known.get("templates")) {
      if (template.get("name").asText().equals(name)) {
        return template.get("template").asText();
      }
    }
    throw new IllegalArgumentException(name);
  }

  private LoraFaCausalLM estimator() {
    return new LoraFaCausalLM()
        .setModel(base.toString())
        .setOutput(folder.resolve("fits").toString())
        .setWorkers(1)
        .setRank(4)
        .setBatchSize(4)
        .setMaxSteps(3)
        .setLearningRate(0.02)
        .setMaxNewTokens(TOKENS);
  }

  /** A question, then an answer unless it is left out. */
  private static Dataset<Row> talks(int count, boolean answered) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<Row> messages = new ArrayList<>();
      messages.add(RowFactory.create("user", question(i)));
      if (answered) {
        messages.add(RowFactory.create("assistant", i + " kites"));
      }
      rows.add(RowFactory.create(i, messages));
    }
    return spark.createDataFrame(rows, TALK);
  }

  private static String question(int number) {
    return "How many kites? " + number;
  }

  private static Dataset<Row> instructions(int count) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(RowFactory.create(i, "Count.", i % 3 == 0 ? null : question(i), i + " kites"));
    }
    return spark.createDataFrame(rows, INSTRUCTIONS);
  }

  /** What the model itself writes after these ids. */
  private static List<String> written(
      LoraFaCausalLMModel model, int count, Function<TextTokenizer, Function<Integer, int[]>> ids) {
    Path adapter = Path.of(model.folder().replace("file:", ""));
    try (AdaptedModel adapted = AdaptedModel.open(base, Optional.of(adapter), DType.FP32);
        TextTokenizer tokenizer = TextTokenizer.open(base)) {
      Generator generator = new Generator(adapted.causal(), tokenizer);
      List<String> texts = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        texts.add(tokenizer.decode(generator.complete(ids.apply(tokenizer).apply(i), TOKENS)));
      }
      return texts;
    }
  }

  private static List<String> texts(Dataset<Row> rows, String column) {
    return rows.orderBy("id").select(column).collectAsList().stream()
        .map(row -> row.getString(0))
        .toList();
  }

  @Test
  void aModelTrainedOnConversationsAnswersThem() {
    LoraFaCausalLMModel model = estimator().fit(talks(8, true));

    List<String> answers = texts(model.transform(talks(5, true)), "prediction");

    assertThat(answers)
        .isEqualTo(
            written(
                model,
                5,
                tokenizer ->
                    i ->
                        tokenizer.encodeWithoutSpecialTokens(
                            "<|im_start|>user\n"
                                + question(i)
                                + "<|im_end|>\n<|im_start|>assistant\n")))
        .as("texts of their own")
        .anyMatch(text -> !text.isEmpty());
    assertThat(texts(model.transform(talks(5, false)), "prediction"))
        .as("the answer that is there is not read")
        .isEqualTo(answers);
    PredictConfig config =
        PredictConfig.of(base.toString(), GenerationConfig.greedy(TOKENS))
            .withAdapter(model.folder());
    Dataset<Row> predicted = PredictJob.complete(spark, talks(5, true), config);
    assertThat(texts(predicted, "completion")).isEqualTo(answers);
  }

  @Test
  void aModelTrainedOnInstructionsFollowsThem() {
    LoraFaCausalLMModel model = estimator().fit(instructions(8));

    List<String> followed = texts(model.transform(instructions(5).drop("output")), "prediction");

    assertThat(followed)
        .isEqualTo(
            written(
                model,
                5,
                tokenizer ->
                    i ->
                        tokenizer.encodePrompt(
                            Alpaca.prompt("Count.", i % 3 == 0 ? null : question(i)))));
    PredictConfig config =
        PredictConfig.of(base.toString(), GenerationConfig.greedy(TOKENS))
            .withAdapter(model.folder());
    assertThat(texts(PredictJob.complete(spark, instructions(5), config), "completion"))
        .isEqualTo(followed);
    assertThat(texts(model.transform(instructions(5).drop("input", "output")), "prediction"))
        .as("without an input they are the same question")
        .containsOnly(followed.get(0));
  }

  @Test
  void equalQuestionsDrawEqualTexts() {
    LoraFaCausalLMModel model =
        LoraFaCausalLMModel.of(base.toString(), "")
            .setTemperature(1)
            .setGenerationSeed(3)
            .setMaxNewTokens(TOKENS);
    for (Dataset<Row> asked : List.of(talks(4, true), instructions(4))) {
      Dataset<Row> twice = asked.union(asked);
      List<Row> all = model.transform(twice.repartition(3)).orderBy("id").collectAsList();
      assertThat(all).hasSize(8);
      for (int i = 0; i < 8; i += 2) {
        assertThat(all.get(i)).isEqualTo(all.get(i + 1));
      }
      assertThat(
              model
                  .copy(ParamMap.empty())
                  .setGenerationSeed(4)
                  .transform(twice)
                  .orderBy("id")
                  .collectAsList())
          .isNotEqualTo(all);
    }
  }

  @Test
  void whatCannotBeAskedIsPassedOver() throws IOException {
    RandomCheckpoint.write(folder.resolve("strict"), template("mistral"));
    LoraFaCausalLMModel model =
        LoraFaCausalLMModel.of(folder.resolve("strict").toString(), "")
            .setMaxNewTokens(2)
            .setFinishReasonCol("why");
    Row asks = RowFactory.create("user", "Hi");
    Dataset<Row> rows =
        spark.createDataFrame(
            List.of(
                RowFactory.create(0, null),
                RowFactory.create(1, List.of()),
                RowFactory.create(2, List.of(asks, asks)),
                RowFactory.create(3, List.of(asks))),
            TALK);
    List<Row> answered = model.transform(rows).orderBy("id").collectAsList();
    assertThat(answered.subList(0, 3)).allMatch(row -> row.isNullAt(2));
    assertThat(texts(model.transform(rows), "why").subList(0, 3))
        .containsExactly("empty-prompt", "empty-prompt", "unfit-chat");
    assertThat(answered.get(3).getString(3)).isIn("length", "eos");
  }

  @Test
  void withoutAChatTemplateConversationsAreRefusedWhenTheQueryIsMade() throws IOException {
    RandomCheckpoint.write(folder.resolve("bare"), "");
    Files.delete(folder.resolve("bare/chat_template.jinja"));
    LoraFaCausalLMModel model = LoraFaCausalLMModel.of(folder.resolve("bare").toString(), "");
    assertThatThrownBy(() -> model.transform(talks(1, false)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot read conversations: the tokenizer in ");
    assertThat(texts(model.setMaxNewTokens(1).transform(instructions(1)), "prediction"))
        .as("which need none")
        .doesNotContainNull();
    LoraFaCausalLMModel measures = model.setPredictionCol("").setLossCol("loss");
    assertThatThrownBy(() -> measures.transform(talks(1, true)))
        .hasMessageStartingWith("Cannot read conversations: the tokenizer in ");
  }

  @Test
  void crossValidationComparesAnswersWithTheLastTurns() {
    Dataset<Row> graded =
        talks(4, true).selectExpr("*", "if(id < 1, '0 kites', messages[0].content) AS prediction");
    TextEvaluator exact = new TextEvaluator().setMetricName("exact_match").setLabelCol("messages");
    assertThat(exact.evaluate(graded)).isCloseTo(0.25, within(1e-12));
    assertThat(exact.evaluate(graded.selectExpr("prediction", "slice(messages, 1, 1) AS messages")))
        .as("where nobody answered, an empty text would be right")
        .isZero();
    assertThatThrownBy(() -> exact.setLabelCol("id").evaluate(graded))
        .hasMessageStartingWith("Cannot read label column: id of type int (");

    LoraFaCausalLM tuning = estimator();
    CrossValidatorModel chosen =
        new CrossValidator()
            .setEstimator(tuning)
            .setEvaluator(new TextEvaluator().setMetricName("rouge_l").setLabelCol("messages"))
            .setEstimatorParamMaps(
                new ParamGridBuilder().addGrid(tuning.maxSteps(), new int[] {1, 2}).build())
            .setNumFolds(2)
            .fit(talks(12, true));
    assertThat(chosen.avgMetrics()).hasSize(2);
    assertThat(Arrays.stream(chosen.avgMetrics())).allMatch(value -> value >= 0 && value <= 1);
  }
}
