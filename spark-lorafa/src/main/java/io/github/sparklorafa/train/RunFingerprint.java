package io.github.sparklorafa.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.sparklorafa.collective.WireDType;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.tensor.Scope;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What decides a run's steps, by name: two runs with equal fingerprints take the same steps,
 * whatever their number of workers. It is all of the configuration but what is named here, the
 * model's shape, and checksums.
 */
final class RunFingerprint {
  /** Settings that may differ between the run that wrote a checkpoint and one that resumes. */
  private static final Set<String> FREE =
      Set.of(
          "model",
          "data",
          "format",
          "columns",
          "reading",
          "eval-data",
          "output",
          "init-adapter",
          "workers",
          "device",
          "micro-batch-size",
          "recompute",
          "memory",
          "eval-every",
          "metrics",
          "checkpointing",
          "extras",
          "stopping",
          "synchronisation");

  /** Named, though it is free, where it changes what a run does. */
  private static final String WORKERS = "workers";

  private static final ObjectMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE).build();

  private RunFingerprint() {}

  /** Of everything that a worker knows. */
  static Map<String, String> of(TrainInputs inputs, ModelConfig shape, TrainedModel trained) {
    Map<String, String> all = of(inputs.config(), shape);
    all.put("rows of the data", Long.toString(inputs.data().rows()));
    all.put("checksum of the data", inputs.data().checksum().toString());
    if (inputs.config().stopping().keepsBest()) {
      inputs
          .evalData()
          .ifPresent(
              data -> all.put("checksum of the evaluation data", data.checksum().toString()));
    }
    if (inputs.config().method() == Method.LORA_FA) {
      all.put("checksum of A", Agreement.checksum(trained.frozenAdapter()));
    }
    try (Scope scope = new Scope()) {
      all.put("checksum of frozen weights", Agreement.checksum(trained.frozenSamples()));
    }
    return all;
  }

  /** Of what the driver knows too. */
  static Map<String, String> of(TrainConfig config, ModelConfig shape) {
    Map<String, String> all = new TreeMap<>();
    add("", JSON.valueToTree(config), all);
    add("model ", JSON.valueToTree(shape), all);
    // What happens on NaN may change: a run that stopped may go on, and skip.
    all.put("metric-for-best", config.stopping().metric().text());
    // Named where they are not the usual ones, which checkpoints of before had.
    Synchronisation synchronisation = config.synchronisation();
    if (synchronisation.wireDtype() != WireDType.FP32) {
      all.put("wire-dtype", synchronisation.wireText());
    }
    if (synchronisation.transport() == Transport.BIGDL_FP16) {
      all.put("wire-dtype", Transport.BIGDL_FP16.text());
    }
    if (synchronisation.syncEvery() > 1) {
      all.put("sync-every", Integer.toString(synchronisation.syncEvery()));
      all.put(WORKERS, Integer.toString(config.workers()));
    }
    Extras extras = config.extras();
    if (!extras.optimizer().equals(Extras.ADAMW)) {
      all.put("optimizer", extras.optimizer());
      all.put("optimizer-options", extras.optionsText());
    }
    // By epochs the last batch of each is short; by steps none is.
    boolean byEpochs = config.maxSteps() == 0;
    all.put("counted by", byEpochs ? "epochs" : "max-steps");
    all.remove("epochs");
    all.remove("max-steps");
    if (config.schedule() != Schedule.CONSTANT) {
      // With a constant rate a longer run begins with the steps of a shorter one.
      all.put(
          byEpochs ? "epochs" : "max-steps",
          byEpochs ? Double.toString(config.epochs()) : Integer.toString(config.maxSteps()));
    }
    return all;
  }

  private static void add(String prefix, JsonNode object, Map<String, String> all) {
    object
        .fields()
        .forEachRemaining(
            field -> {
              if (FREE.contains(field.getKey())) {
                return;
              }
              if (field.getValue().isObject()) {
                add(prefix + field.getKey() + " ", field.getValue(), all);
              } else {
                all.put(prefix + field.getKey(), text(field.getValue()));
              }
            });
  }

  private static String text(JsonNode value) {
    return value.isTextual() ? value.textValue() : value.toString();
  }

  /** What differs, each as {@code rank is 8, not 16}. */
  static Problems differences(Map<String, String> stored, Map<String, String> own) {
    Problems problems = new Problems();
    TreeMap<String, String> names = new TreeMap<>(stored);
    names.putAll(own);
    names.remove(WORKERS);
    for (String name : names.keySet()) {
      String was = stored.getOrDefault(name, "not given");
      String is = own.getOrDefault(name, "not given");
      if (!was.equals(is)) {
        problems.add("%s is %s, not %s", name, was, is);
      }
    }
    return problems;
  }

  /** What is not the same, though that is no reason not to go on. */
  static Optional<String> note(Map<String, String> stored, Map<String, String> own) {
    String was = stored.getOrDefault(WORKERS, "");
    String is = own.getOrDefault(WORKERS, "");
    return was.equals(is)
        ? Optional.empty()
        : Optional.of(
            "Going on with %s workers what %s began: with sync every %s the same rows are trained on in the same steps, but others are averaged, so the losses differ"
                .formatted(is, was, own.get("sync-every")));
  }
}
