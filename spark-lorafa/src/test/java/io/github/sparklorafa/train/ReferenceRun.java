package io.github.sparklorafa.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.sparklorafa.checkpoint.PeftConfigParser;
import io.github.sparklorafa.collective.Communicator;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.Method;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A training run of transformers and PEFT that {@code src/test/reference/make_llama.py} wrote down,
 * and ours with the same settings.
 */
final class ReferenceRun {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String name;
  private final JsonNode run;

  ReferenceRun(String name) {
    this.name = name;
    this.run = read(folder("runs/" + name).resolve("run.json"));
  }

  static Path folder(String path) {
    try {
      return Path.of(ReferenceRun.class.getResource("/reference/" + path).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static JsonNode read(Path file) {
    try {
      return JSON.readTree(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path file(String file) {
    return folder("runs/" + name).resolve(file);
  }

  Path model() {
    return folder(run.get("model").asText());
  }

  Optional<Path> initAdapter() {
    return run.get("adapter").isNull()
        ? Optional.empty()
        : Optional.of(folder(run.get("adapter").asText()));
  }

  double[] numbers(String key) {
    return JSON.convertValue(run.get(key), double[].class);
  }

  String text(String key) {
    return run.get(key).asText();
  }

  long trainableParameters() {
    return run.get("trainable_parameters").asLong();
  }

  /** The same settings, for a run of ours that goes row by row through the data. */
  TrainConfigBuilder config() throws IOException {
    JsonNode settings = run.get("settings");
    TrainConfigBuilder builder =
        TrainConfig.builder()
            .model(model().toString())
            .data("batches.json")
            .output("output")
            .method(Method.parse(run.get("method").asText()))
            .gradientCorrection(
                GradientCorrectionMode.parse(settings.get("gradient_correction").asText()))
            .batchSize(settings.get("batch_size").asInt())
            .maxSteps(settings.get("steps").asInt())
            .learningRate(settings.get("learning_rate").asDouble())
            .schedule(Schedule.parse(settings.get("schedule").asText()))
            .warmupSteps(settings.get("warmup_steps").asInt())
            .weightDecay(settings.get("weight_decay").asDouble())
            .beta1(settings.get("beta1").asDouble())
            .beta2(settings.get("beta2").asDouble())
            .epsilon(settings.get("epsilon").asDouble())
            .maxGradNorm(settings.get("max_grad_norm").asDouble())
            .workers(1)
            .shuffle(false);
    if (initAdapter().isPresent()) {
      AdapterConfig adapter =
          PeftConfigParser.fromJson(
              Files.readString(initAdapter().get().resolve("adapter_config.json")));
      builder
          .initAdapter(initAdapter().get().toString())
          .rank(adapter.rank())
          .alpha(adapter.alpha())
          .targetModules(adapter.targetModules())
          .excludeModules(adapter.patterns().excludeModules())
          .layersToTransform(adapter.patterns().layersToTransform())
          .rankPattern(adapter.patterns().ranks())
          .alphaPattern(adapter.patterns().alphas())
          .modulesToSave(adapter.modulesToSave())
          .useRslora(adapter.rsLora());
    }
    return builder;
  }

  static TokenStore data() {
    List<Example> rows = new ArrayList<>();
    for (JsonNode row : read(folder("batches.json")).get("rows")) {
      rows.add(new Example(ints(row.get("input_ids")), ints(row.get("labels"))));
    }
    return TokenStore.of(rows);
  }

  static int[] ints(JsonNode array) {
    return JSON.convertValue(array, int[].class);
  }

  /** Trains as one of the workers of {@code communicator}, with the listeners given. */
  TrainSummary train(
      TrainConfig config, Communicator communicator, Path output, TrainListener... listeners) {
    TrainInputs inputs =
        new TrainInputs(config, model(), initAdapter(), data(), Optional.empty(), output);
    try {
      return new Trainer(inputs, communicator, List.of(listeners)).run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
