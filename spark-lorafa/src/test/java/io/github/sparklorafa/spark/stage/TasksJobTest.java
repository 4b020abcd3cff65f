package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.checkpoint.AdapterFiles;
import io.github.sparklorafa.data.Alpaca;
import io.github.sparklorafa.data.Columns;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.Examples;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.infer.GenerationConfig;
import io.github.sparklorafa.infer.Generator;
import io.github.sparklorafa.infer.Scorer;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.nn.Recompute;
import io.github.sparklorafa.spark.stage.TrainingCluster.Heard;
import io.github.sparklorafa.tensor.BaseDType;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.train.Schedule;
import io.github.sparklorafa.train.Task;
import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.TrainConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tasks beside causal language models on two executors: the losses that PEFT wrote down; and text
 * in other columns than {@code text}: the losses of its token ids.
 */
@Tag("spark")
class TasksJobTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static TrainingCluster cluster;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    cluster = TrainingCluster.start("local-cluster[2,1,1024]");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void classifiesAsPeftDoes() throws IOException {
    Path output = folder.resolve("adapter");
    TrainConfig config =
        settings("roberta-lora-fa", "roberta", "adapter-roberta", output)
            .task(Task.SEQUENCE_CLASSIFICATION)
            .build();

    trainsAs("roberta-lora-fa", config, rows("roberta-rows.json", "single"));

    try (AdapterFiles adapter = AdapterFiles.open(output)) {
      assertThat(adapter.objective())
          .contains(new Objective.Classification(3, Objective.Kind.SINGLE_LABEL));
      assertThat(adapter.names()).contains("classifier.dense.weight", "classifier.out_proj.bias");
    }
  }

  @Test
  void writesTargetsAsPeftDoes() throws IOException {
    TrainConfig config =
        settings("t5-gated-lora-fa", "t5-gated", "adapter-t5-gated", folder.resolve("adapter"))
            .task(Task.SEQ2SEQ)
            .build();

    trainsAs("t5-gated-lora-fa", config, rows("t5-batches.json", "labels"));
  }

  @Test
  void classifiesPairsOfTextsAsPeftDoes() throws IOException {
    TrainConfig config =
        settings("bert-pairs", "bert-pairs", "adapter-bert-pairs", folder.resolve("adapter"))
            .task(Task.SEQUENCE_CLASSIFICATION)
            .maxLength(24)
            .build();

    trainsAs("bert-pairs", config, pairs());
  }

  @Test
  void trainsOnConversationsAsOnTheirTokenIds() throws IOException {
    List<ObjectNode> talks = new ArrayList<>();
    List<ObjectNode> ids = new ArrayList<>();
    for (JsonNode row : json("text/conversations.json")) {
      if (row.get("tokenizer").asText().equals("tokenizer")
          && row.get("template").asText().equals("chatml")) {
        talks.add(JSON.createObjectNode().set("messages", row.get("messages")));
        ids.add(ids(row.get("ids"), row.get("labels")));
      }
    }
    assertThat(talks).hasSize(3);

    assertThat(losses("talks", talks)).isEqualTo(losses("ids", ids));
  }

  @Test
  void trainsOnInstructionsAsOnTheirTokenIds() throws IOException {
    List<ObjectNode> instructions = new ArrayList<>();
    List<ObjectNode> ids = new ArrayList<>();
    RandomCheckpoint.write(folder.resolve("tokens"), template());
    try (TextTokenizer tokenizer = TextTokenizer.open(folder.resolve("tokens"))) {
      for (String input : new String[] {"Ada buys 7 kites.", "", "ten small stones"}) {
        String instruction = "Count what is sold.";
        String output = input.length() + " things";
        instructions.add(
            JSON.createObjectNode()
                .put("instruction", instruction)
                .put("input", input)
                .put("output", output));
        int[] prompt = tokenizer.encodePrompt(Alpaca.prompt(instruction, input));
        int[] answer = tokenizer.encodeWithoutSpecialTokens(output);
        int end = tokenizer.eos().getAsInt();
        IntStream all = IntStream.concat(IntStream.of(prompt), IntStream.of(answer));
        int[] whole = IntStream.concat(all, IntStream.of(end)).toArray();
        int[] labels = whole.clone();
        Arrays.fill(labels, 0, prompt.length, -100);
        ids.add(ids(JSON.valueToTree(whole), JSON.valueToTree(labels)));
      }
    }

    assertThat(losses("instructions", instructions)).isEqualTo(losses("ids", ids));
  }

  /** Held in four bits, with feed-forward parts computed again: the same run, and its answers. */
  @Test
  void trainsAndAnswersOnABaseInFourBits() throws IOException {
    List<ObjectNode> rows = new ArrayList<>();
    for (String count : new String[] {"7 kites", "two books", "ten small stones", "3 lamps"}) {
      rows.add(
          JSON.createObjectNode()
              .put("instruction", "Count what is sold.")
              .put("input", "Ada buys " + count)
              .put("output", count));
    }
    List<Double> kept = losses("kept", rows, b -> b.baseDtype(BaseDType.NF4));
    assertThat(losses("packed", rows, b -> b.baseDtype(BaseDType.NF4).recompute(Recompute.MLP)))
        .isEqualTo(kept)
        .isNotEqualTo(losses("plain", rows, b -> b));

    Path base = folder.resolve("base-of-packed");
    Path adapter = folder.resolve("adapter-of-packed");
    Predictor predictor =
        new Predictor(base.toString(), adapter.toString(), DType.FP32, BaseDType.NF4);
    Dataset<Row> asked = cluster.spark().read().json(folder.resolve("packed.jsonl").toString());
    PredictConfig config =
        PredictConfig.of(base.toString(), GenerationConfig.greedy(8)).with(predictor);
    List<Row> answered =
        PredictJob.complete(cluster.spark(), asked, config).orderBy("input").collectAsList();
    double[] plain = measured(asked, predictor.withBase(BaseDType.FP32));
    double[] packed = measured(asked, predictor);
    try (AdaptedModel held =
            AdaptedModel.open(base, Optional.of(adapter), DType.FP32, BaseDType.NF4);
        TextTokenizer tokenizer = TextTokenizer.open(base)) {
      Generator generator = new Generator(held.causal(), tokenizer);
      Examples examples = Examples.limitedTo(512, held.vocabSize());
      for (int i = 0; i < answered.size(); i++) {
        String instruction = answered.get(i).getAs("instruction");
        String input = answered.get(i).getAs("input");
        String prompt = Alpaca.prompt(instruction, input);
        assertThat(answered.get(i).<String>getAs("completion"))
            .isEqualTo(generator.complete(prompt, 8));
        Example example =
            examples
                .fromInstruction(tokenizer, instruction, input, answered.get(i).getAs("output"))
                .example()
                .orElseThrow();
        double loss = new Scorer(held.causal()).score(example).mean();
        assertThat(packed[i]).isCloseTo(loss, within(1e-5));
        assertThat(Math.abs(packed[i] - plain[i])).as("of rounding").isBetween(1e-6, 0.5);
      }
    }
  }

  private static double[] measured(Dataset<Row> rows, Predictor predictor) {
    PerplexityConfig config = new PerplexityConfig(predictor, Columns.USUAL, 512, 0, 2);
    return PredictJob.perplexity(cluster.spark(), rows, config, 2)
        .orderBy("input")
        .collectAsList()
        .stream()
        .mapToDouble(row -> row.<Double>getAs("loss"))
        .toArray();
  }

  private static ObjectNode ids(JsonNode ids, JsonNode labels) {
    ObjectNode row = JSON.createObjectNode();
    row.set("input_ids", ids);
    row.set("labels", labels);
    return row;
  }

  /** The losses of a few steps, two rows each, on a small LLaMA; the rows in their order. */
  private List<Double> losses(String name, List<ObjectNode> rows) throws IOException {
    return losses(name, rows, builder -> builder);
  }

  private List<Double> losses(
      String name, List<ObjectNode> rows, UnaryOperator<TrainConfigBuilder> more)
      throws IOException {
    Path base = folder.resolve("base-of-" + name);
    RandomCheckpoint.write(base, template());
    Path data =
        Files.write(
            folder.resolve(name + ".jsonl"), rows.stream().map(ObjectNode::toString).toList());
    TrainConfig config =
        more.apply(
                TrainingCluster.config(folder.resolve("adapter-of-" + name))
                    .model(base.toString())
                    .workers(2)
                    .batchSize(2)
                    .maxSteps(4)
                    .shuffle(false))
            .build();
    Heard heard = new Heard();
    cluster.train(config, cluster.spark().read().json(data.toString()), heard);
    assertThat(heard.losses()).hasSize(4).doesNotHaveDuplicates();
    return heard.losses();
  }

  private static String template() throws IOException {
    for (JsonNode known : json("chat/templates.json").get("templates")) {
      if (known.get("name").asText().equals("chatml")) {
        return known.get("template").asText();
      }
    }
    throw new IllegalStateException("no chatml");
  }

  private static JsonNode json(String reference) throws IOException {
    return JSON.readTree(TrainingCluster.reference(reference).toFile());
  }

  private Path pairs() throws IOException {
    List<String> lines = new ArrayList<>();
    for (JsonNode row : json("bert-pairs.json").get("rows")) {
      ObjectNode line = JSON.createObjectNode();
      line.set("text", row.get("text"));
      line.set("text_pair", row.get("text_pair"));
      line.set("label", row.get("single").get(0));
      lines.add(line.toString());
    }
    return Files.write(folder.resolve("rows.jsonl"), lines);
  }

  private static TrainConfigBuilder settings(String run, String model, String adapter, Path output)
      throws IOException {
    JsonNode settings = run(run).get("settings");
    JsonNode peft =
        JSON.readTree(TrainingCluster.reference(adapter).resolve("adapter_config.json").toFile());
    List<String> targets = new ArrayList<>();
    peft.get("target_modules").forEach(target -> targets.add(target.asText()));
    return TrainingCluster.config(output)
        .model(TrainingCluster.reference(model).toString())
        .workers(2)
        .initAdapter(TrainingCluster.reference(adapter).toString())
        .rank(peft.get("r").asInt())
        .alpha(peft.get("lora_alpha").asDouble())
        .targetModules(targets)
        .batchSize(settings.get("batch_size").asInt())
        .learningRate(settings.get("learning_rate").asDouble())
        .schedule(Schedule.parse(settings.get("schedule").asText()))
        .warmupSteps(settings.get("warmup_steps").asInt())
        .weightDecay(settings.get("weight_decay").asDouble())
        .beta1(settings.get("beta1").asDouble())
        .beta2(settings.get("beta2").asDouble())
        .maxGradNorm(settings.get("max_grad_norm").asDouble())
        .shuffle(false);
  }

  private static JsonNode run(String name) throws IOException {
    return JSON.readTree(TrainingCluster.reference("runs/" + name + "/run.json").toFile());
  }

  /** JSON lines of the ids and one kind of labels of a file of reference rows. */
  private Path rows(String file, String labels) throws IOException {
    List<String> lines = new ArrayList<>();
    for (JsonNode row : JSON.readTree(TrainingCluster.reference(file).toFile()).get("rows")) {
      ObjectNode line = JSON.createObjectNode();
      line.set("input_ids", row.get("input_ids"));
      line.set("labels", row.get(labels));
      lines.add(line.toString());
    }
    return Files.write(folder.resolve("rows.jsonl"), lines);
  }

  private static void trainsAs(String run, TrainConfig config, Path rows) throws IOException {
    Heard heard = new Heard();

    cluster.train(config, cluster.spark().read().json(rows.toString()), heard);

    JsonNode losses = run(run).get("losses");
    assertThat(heard.losses()).hasSize(losses.size());
    for (int step = 0; step < losses.size(); step++) {
      assertThat(heard.losses().get(step))
          .as("loss of step %d", step + 1)
          .isCloseTo(losses.get(step).asDouble(), within(1e-4));
    }
  }
}
