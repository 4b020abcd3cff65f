package io.github.sparklorafa.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.AdapterPatterns;
import io.github.sparklorafa.lora.LoraModule;
import io.github.sparklorafa.lora.TargetModules;
import io.github.sparklorafa.model.Objective;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * PEFT's {@code adapter_config.json} of type LORA, both ways.
 *
 * <p>What PEFT can do and we cannot is refused by name, all at once.
 *
 * @see <a
 *     href="https://github.com/huggingface/peft/blob/main/src/peft/tuners/lora/config.py">PEFT's
 *     LoraConfig</a>
 */
public final class PeftConfigParser {
  static final String PEFT_TYPE = "peft_type";
  static final String TASK_TYPE = "task_type";
  static final String BASE_MODEL = "base_model_name_or_path";
  static final String RANK = "r";
  static final String LORA_ALPHA = "lora_alpha";
  static final String LORA_DROPOUT = "lora_dropout";
  static final String TARGET_MODULES = "target_modules";
  static final String MODULES_TO_SAVE = "modules_to_save";
  static final String USE_RSLORA = "use_rslora";
  static final String BIAS = "bias";
  static final String FAN_IN_FAN_OUT = "fan_in_fan_out";
  static final String INFERENCE_MODE = "inference_mode";
  static final String INIT_LORA_WEIGHTS = "init_lora_weights";

  private static final String LORA = "LORA";
  private static final String CAUSAL_LM = "CAUSAL_LM";
  private static final String SEQ_CLS = "SEQ_CLS";
  private static final List<String> TASK_TYPES =
      List.of(CAUSAL_LM, SEQ_CLS, "SEQ_2_SEQ_LM", "FEATURE_EXTRACTION");
  private static final String ALL_LINEAR = TargetModules.ALL_LINEAR;
  private static final String WAY_OUT =
      "use a plain LoRA adapter, or merge this one into its base in Python, with merge_and_unload()"
          + " and save_pretrained, and use the result as the model";
  private static final int DEFAULT_RANK = 8;
  private static final double DEFAULT_ALPHA = 8;

  private static final Map<String, Object> ONLY =
      Map.of(PEFT_TYPE, LORA, BIAS, "none", FAN_IN_FAN_OUT, false);

  private static final List<String> HARMLESS =
      List.of(
          BASE_MODEL,
          INFERENCE_MODE,
          "auto_mapping",
          "eva_config",
          "megatron_core",
          "peft_version",
          "qalora_group_size",
          "revision",
          "runtime_config");

  /** What PEFT has beside plain LoRA, and why an adapter with it is not one. */
  private static final Map<String, String> WHY_NOT =
      Map.ofEntries(
          Map.entry("use_dora", "DoRA has magnitudes beside A and B"),
          Map.entry("lora_bias", "B has a bias"),
          Map.entry("megatron_config", "the layers are Megatron's"),
          Map.entry("layer_replication", "the model has more layers than its checkpoint"),
          Map.entry("loftq_config", "the adapter fits a quantised base model only"),
          Map.entry("trainable_token_indices", "rows of the embedding were trained"),
          Map.entry("target_parameters", "parameters are adapted, not modules"),
          Map.entry("use_qalora", "QALoRA pools the input of A"),
          Map.entry("ensure_weight_tying", "embedding and head were trained as one"),
          Map.entry(
              "alora_invocation_tokens",
              "it acts on some tokens only, and cannot be merged either"));

  /** Initialisations that leave the base model as it was, so that the adapter fits it. */
  private static final Set<String> INITIALISATIONS = Set.of("gaussian", "orthogonal", "eva");

  private PeftConfigParser() {}

  /**
   * Parses the text of an {@code adapter_config.json}.
   *
   * @throws IllegalArgumentException naming everything in it that is wrong or not supported
   */
  public static AdapterConfig fromJson(String json) {
    return fromJson(json, "adapter_config.json");
  }

  static AdapterConfig fromJson(String json, String source) {
    Problems problems = new Problems("Cannot use adapter configuration: " + source, WAY_OUT);
    ObjectNode object = StrictJson.parse(json, problems);
    problems.throwIfAny();
    JsonFields fields = new JsonFields(object, "", problems);
    if (fields.value(PEFT_TYPE).isEmpty()) {
      problems.add(PEFT_TYPE + " is missing");
    }
    fields.requireOnly(ONLY);
    fields
        .value(TASK_TYPE)
        .filter(node -> !TASK_TYPES.contains(node.asText()))
        .ifPresent(node -> fields.refuse(TASK_TYPE, node, "only " + TASK_TYPES + " are supported"));
    int rank = fields.positiveInt(RANK, DEFAULT_RANK);
    double alpha = fields.positiveNumber(LORA_ALPHA, DEFAULT_ALPHA);
    PeftPatterns patterns = new PeftPatterns(fields, problems);
    List<String> targets = targets(fields, patterns, problems);
    List<String> saved = fields.strings(MODULES_TO_SAVE);
    boolean rsLora = fields.flag(USE_RSLORA, false);
    checkInitialisation(fields);
    AdapterPatterns read = patterns.read();
    double dropout = dropout(fields);
    WHY_NOT.forEach((key, why) -> fields.requireNeutral(List.of(key), why));
    fields.understand(HARMLESS);
    fields.refuseRestUnlessNeutral("this is not supported");
    problems.throwIfAny();
    return new AdapterConfig(rank, alpha, targets, saved, rsLora, read, dropout);
  }

  private static List<String> targets(JsonFields fields, PeftPatterns patterns, Problems problems) {
    JsonNode node = fields.value(TARGET_MODULES).orElse(null);
    if (node == null) {
      problems.add(TARGET_MODULES + " is missing");
      return List.of(ALL_LINEAR);
    }
    if (node.isTextual()) {
      checkAlone(fields);
      if (node.textValue().toLowerCase(Locale.ROOT).equals(ALL_LINEAR)) {
        return List.of(ALL_LINEAR);
      }
    }
    List<String> targets = patterns.modules(TARGET_MODULES);
    if (node.isEmpty() && node.asText().isEmpty()) {
      problems.add(TARGET_MODULES + " is empty");
    }
    try {
      TargetModules.check(targets);
      return targets;
    } catch (IllegalArgumentException e) {
      problems.add(Problems.quote(e.getMessage()));
      return List.of(ALL_LINEAR);
    }
  }

  private static void checkAlone(JsonFields fields) {
    fields
        .value(PeftPatterns.LAYERS_TO_TRANSFORM)
        .ifPresent(
            node ->
                fields.refuse(
                    PeftPatterns.LAYERS_TO_TRANSFORM,
                    node,
                    "PEFT refuses it too where target_modules is a string"));
  }

  private static void checkInitialisation(JsonFields fields) {
    fields
        .value(INIT_LORA_WEIGHTS)
        .filter(node -> !node.isBoolean() && !INITIALISATIONS.contains(node.asText()))
        .ifPresent(
            node ->
                fields.refuse(
                    INIT_LORA_WEIGHTS,
                    node,
                    "the adapter fits a changed base model only: save it with"
                        + " path_initial_model_for_weight_conversion"));
  }

  private static double dropout(JsonFields fields) {
    return fields
        .value(LORA_DROPOUT)
        .map(
            node -> {
              boolean share = node.isNumber() && node.doubleValue() >= 0 && node.doubleValue() < 1;
              if (!share) {
                fields.refuse(LORA_DROPOUT, node, "a number from 0 to below 1 is needed");
              }
              return share ? node.doubleValue() : 0.0;
            })
        .orElse(0.0);
  }

  /**
   * The {@code adapter_config.json} of an adapter for causal language modelling.
   *
   * @param baseModel name or path of the base model, for those who load the adapter
   */
  public static String toJson(AdapterConfig config, String baseModel, Objective objective) {
    ObjectNode json = StrictJson.MAPPER.createObjectNode();
    json.put(PEFT_TYPE, LORA)
        .put(TASK_TYPE, taskType(objective))
        .put(BASE_MODEL, baseModel)
        .putNull("revision")
        .putNull("auto_mapping")
        .put(INFERENCE_MODE, true)
        .put(RANK, config.rank());
    PeftPatterns.putNumber(json, LORA_ALPHA, config.alpha());
    json.put(LORA_DROPOUT, config.dropout())
        .put(USE_RSLORA, config.rsLora())
        .put(BIAS, "none")
        .put(FAN_IN_FAN_OUT, false)
        .put(INIT_LORA_WEIGHTS, true);
    PeftPatterns.putModules(json, TARGET_MODULES, config.targetModules());
    PeftPatterns.putModules(json, MODULES_TO_SAVE, config.modulesToSave());
    PeftPatterns.write(config.patterns(), json);
    json.put("use_dora", false);
    return StrictJson.text(json);
  }

  /** PEFT's word; it has none for masked language models, and with T5's it builds no model. */
  private static String taskType(Objective objective) {
    if (objective instanceof Objective.CausalLm) {
      return CAUSAL_LM;
    }
    return objective instanceof Objective.Classification ? SEQ_CLS : null;
  }

  /**
   * The same adapter as PEFT can say it: it knows no layers to transform of all linear layers, so
   * these are named.
   *
   * @param parameters names of the adapter's tensors
   */
  static AdapterConfig writable(AdapterConfig config, Collection<String> parameters) {
    if (!config.targetModules().equals(List.of(ALL_LINEAR))
        || config.patterns().layersToTransform().isEmpty()) {
      return config;
    }
    List<String> names =
        parameters.stream()
            .filter(name -> name.endsWith(LoraModule.A_SUFFIX))
            .map(name -> name.substring(0, name.length() - LoraModule.A_SUFFIX.length()))
            .map(name -> name.substring(name.lastIndexOf('.') + 1))
            .distinct()
            .toList();
    return new AdapterConfig(
        config.rank(),
        config.alpha(),
        names,
        config.modulesToSave(),
        config.rsLora(),
        config.patterns(),
        config.dropout());
  }
}
