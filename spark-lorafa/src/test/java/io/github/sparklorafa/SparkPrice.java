package io.github.sparklorafa;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.sparklorafa.checkpoint.ModelConfigParser;
import io.github.sparklorafa.checkpoint.SafetensorsWriter;
import io.github.sparklorafa.collective.LocalCommunicator;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.model.LlamaConfig;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Natives;
import io.github.sparklorafa.tensor.Scope;
import io.github.sparklorafa.train.Benchmark;
import io.github.sparklorafa.train.StepReport;
import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.TrainInputs;
import io.github.sparklorafa.train.TrainListener;
import io.github.sparklorafa.train.Trainer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.SparkSession;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Measures what Spark costs a run, for docs/performance.md: {@code SparkPrice REPOSITORY ROUNDS}
 * takes these in turn, each in processes of its own, and prints every round.
 *
 * <ul>
 *   <li>training by {@code bin/spark-lorafa train} in one executor with two threads, and the same
 *       {@link Trainer} in a JVM without Spark: seconds a step;
 *   <li>{@code spark-submit} to the end of that run's first step, an empty job on the same cluster,
 *       and reading the file of the weights once.
 * </ul>
 *
 * The model is the 134M LLaMA of {@link Benchmark} with random weights, two sequences of 512 tokens
 * a step, bf16.
 */
public final class SparkPrice {
  private static final int STEPS = 12;
  private static final int NOT_COUNTED = 4;
  private static final int LENGTH = 512;
  private static final int BATCH = 2;
  private static final String MASTER = "local-cluster[1,2,1024]";

  private final Path repository;
  private final Path folder;

  private SparkPrice(Path repository, Path folder) {
    this.repository = repository;
    this.folder = folder;
  }

  /** Measures; {@code plain FOLDER} and {@code empty} are what the child processes run. */
  public static void main(String[] args) throws Exception {
    switch (args[0]) {
      case "plain" -> plain(Path.of(args[1]));
      case "empty" -> empty();
      default -> {
        Natives.load(1);
        Path folder = Files.createTempDirectory("spark-price");
        writeModel(folder.resolve("model"));
        writeRows(folder.resolve("rows.json"));
        SparkPrice price = new SparkPrice(Path.of(args[0]).toAbsolutePath(), folder);
        for (int round = 0; round < Integer.parseInt(args[1]); round++) {
          price.round(round);
        }
      }
    }
  }

  private void round(int round) throws Exception {
    Path metrics = folder.resolve("metrics-" + round + ".jsonl");
    double toFirstStep = train(metrics, round);
    double spark = median(Files.readAllLines(metrics).stream().map(SparkPrice::seconds).toList());
    List<String> output = new ArrayList<>();
    seconds(javaCommand("plain", folder.toString()), output);
    double plain =
        median(
            output.stream().filter(line -> line.startsWith("{")).map(SparkPrice::seconds).toList());
    double empty = seconds(submitted(), new ArrayList<>());
    double read = readOnce(folder.resolve("model/model.safetensors"));
    System.out.printf(
        Locale.ROOT,
        "round %d: step with Spark %.3f s, without %.3f s (%.3f x the tokens/s);"
            + " to the end of the first step %.2f s, of it that step %.2f s;"
            + " empty job %.2f s, reading the weights %.2f s%n",
        round,
        spark,
        plain,
        plain / spark,
        toFirstStep,
        seconds(Files.readAllLines(metrics).get(0)),
        empty,
        read);
  }

  /** Seconds from the command to the line of the first step. */
  private double train(Path metrics, int round) throws Exception {
    List<String> command =
        List.of(
            repository.resolve("bin/spark-lorafa").toString(),
            "train",
            "--master",
            MASTER,
            "--conf",
            "spark.task.cpus=2",
            "--conf",
            "spark.ui.enabled=false",
            "--workers=1",
            "--model=" + folder.resolve("model"),
            "--data=" + folder.resolve("rows.json"),
            "--format=json",
            "--output=" + folder.resolve("adapter-" + round),
            "--metrics=" + metrics,
            "--dtype=bf16",
            "--rank=8",
            "--batch-size=" + BATCH,
            "--micro-batch-size=" + BATCH,
            "--max-length=" + LENGTH,
            "--max-steps=" + STEPS,
            "--shuffle=false");
    long began = System.nanoTime();
    Path log = folder.resolve("train.log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    while (process.isAlive() && (!Files.exists(metrics) || Files.size(metrics) == 0)) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    double seconds = since(began);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(Files.readString(log));
    }
    return seconds;
  }

  private List<String> submitted() {
    Path home;
    try (var homes = Files.list(repository.resolve("spark-home/target"))) {
      home =
          homes
              .filter(path -> path.getFileName().toString().matches("spark-[\\d.]+"))
              .findFirst()
              .orElseThrow();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    String classes = repository.resolve("spark-lorafa/target/test-classes").toString();
    return List.of(
        home.resolve("bin/spark-submit").toString(),
        "--master",
        MASTER,
        "--executor-memory",
        "1024m",
        "--conf",
        "spark.ui.enabled=false",
        "--conf",
        "spark.driver.host=127.0.0.1",
        "--conf",
        "spark.driver.bindAddress=127.0.0.1",
        "--conf",
        "spark.driver.extraClassPath=" + classes,
        "--class",
        SparkPrice.class.getName(),
        "spark-internal",
        "empty");
  }

  private static void empty() {
    try (SparkSession spark = SparkSession.builder().appName("empty").getOrCreate()) {
      System.out.println(spark.range(0, 100, 1, 2).count());
    }
  }

  private static List<String> javaCommand(String... args) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                SparkPrice.class.getName()));
    command.addAll(List.of(args));
    return command;
  }

  private static double seconds(List<String> command, List<String> output) throws Exception {
    long began = System.nanoTime();
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    output.addAll(process.inputReader().lines().toList());
    if (process.waitFor() != 0) {
      throw new IllegalStateException(
          "Cannot run " + command + ": it ended with " + process.exitValue());
    }
    return since(began);
  }

  /** The trainer without Spark: prints a line for each step. */
  private static void plain(Path folder) throws Exception {
    Natives.load(2);
    TrainConfig config =
        TrainConfig.builder()
            .model(folder.resolve("model").toString())
            .data("rows")
            .output("adapter")
            .dtype(DType.BF16)
            .rank(8)
            .batchSize(BATCH)
            .microBatchSize(BATCH)
            .maxLength(LENGTH)
            .maxSteps(STEPS)
            .shuffle(false)
            .build();
    TrainInputs inputs =
        new TrainInputs(
            config,
            folder.resolve("model"),
            Optional.empty(),
            TokenStore.of(rows().stream().map(Example::of).toList()),
            Optional.empty(),
            Files.createTempDirectory(folder, "plain").resolve("adapter"));
    TrainListener printing =
        new TrainListener() {
          @Override
          public void onStep(StepReport report) {
            System.out.printf(
                Locale.ROOT, "{\"step\": %d, \"seconds\": %f}%n", report.step(), report.seconds());
          }
        };
    new Trainer(inputs, LocalCommunicator.group(1).get(0), List.of(printing)).run();
  }

  private static double readOnce(Path file) throws IOException {
    long began = System.nanoTime();
    ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
    try (FileChannel channel = FileChannel.open(file)) {
      while (channel.read(buffer.clear()) >= 0) {
        // Only to have read it.
      }
    }
    return since(began);
  }

  private static double seconds(String line) {
    try {
      JsonNode step = new ObjectMapper().readTree(line);
      return step.get("seconds").asDouble();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static double median(List<Double> steps) {
    List<Double> sorted = steps.stream().skip(NOT_COUNTED).sorted().toList();
    return (sorted.get(sorted.size() / 2) + sorted.get((sorted.size() - 1) / 2)) / 2;
  }

  private static double since(long began) {
    return (System.nanoTime() - began) / 1e9;
  }

  private static List<int[]> rows() {
    Random random = new Random(0);
    return IntStream.range(0, BATCH * STEPS)
        .mapToObj(row -> random.ints(LENGTH, 1, Benchmark.SHAPE.vocabSize()).toArray())
        .toList();
  }

  private static void writeRows(Path file) throws IOException {
    Files.writeString(
        file,
        rows().stream()
            .map(
                ids ->
                    IntStream.of(ids)
                        .mapToObj(Integer::toString)
                        .collect(Collectors.joining(",", "{\"input_ids\":[", "]}\n")))
            .collect(Collectors.joining()));
  }

  private static void writeModel(Path folder) throws IOException {
    Files.createDirectories(folder);
    LlamaConfig shape = Benchmark.SHAPE;
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("model_type", "llama");
    config.put("architectures", List.of("LlamaForCausalLM"));
    config.put("vocab_size", shape.vocabSize());
    config.put("hidden_size", shape.hiddenSize());
    config.put("intermediate_size", shape.intermediateSize());
    config.put("num_hidden_layers", shape.numHiddenLayers());
    config.put("num_attention_heads", shape.numAttentionHeads());
    config.put("num_key_value_heads", shape.numKeyValueHeads());
    config.put("rms_norm_eps", 1e-5);
    config.put("rope_theta", 10_000.0);
    config.put("max_position_embeddings", 2048);
    config.put("hidden_act", "silu");
    config.put("tie_word_embeddings", false);
    config.put("torch_dtype", "bfloat16");
    String json = new ObjectMapper().writeValueAsString(config);
    Files.writeString(folder.resolve("config.json"), json);
    try (Scope scope = new Scope()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      ModelConfigParser.fromJson(json)
          .tensors()
          .forEach((name, size) -> tensors.put(name, random(size)));
      SafetensorsWriter.write(
          folder.resolve("model.safetensors"), SafetensorsWriter.entries(tensors, DType.BF16));
    }
  }

  private static Tensor random(long[] size) {
    Tensor tensor = torch.empty(size, DType.BF16.options(), null);
    return size.length == 1
        ? tensor.fill_(new org.bytedeco.pytorch.Scalar(1.0))
        : tensor.normal_(0, 0.02, new GeneratorOptional());
  }
}
