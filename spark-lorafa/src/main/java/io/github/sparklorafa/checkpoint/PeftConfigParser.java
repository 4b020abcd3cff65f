package io.github.sparklorafa.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.TargetModules;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * PEFT's {@code adapter_config.json} of type LORA, both ways.
 *
 * <p>What PEFT can do and we cannot is refused by name. {@code lora_dropout} is read over: it acts
 * in training only and is no property of the adapter.
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
  private static final String ALL_LINEAR = TargetModules.ALL_LINEAR;
  private static final int DEFAULT_RANK = 8;
  private static final double DEFAULT_ALPHA = 8;

  private static final Map<String, Object> ONLY =
      Map.of(PEFT_TYPE, LORA, TASK_TYPE, CAUSAL_LM, BIAS, "none", FAN_IN_FAN_OUT, false);

  private static final List<String> HARMLESS =
      List.of(
          BASE_MODEL,
          INFERENCE_MODE,
          LORA_DROPOUT,
          "auto_mapping",
          "megatron_core",
          "peft_version",
          "qalora_group_size",
          "revision",
          "runtime_config");

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
    Problems problems =
        new Problems("Cannot use adapter configuration: " + source, "use a plain LoRA adapter");
    ObjectNode object = StrictJson.parse(json, problems);
    problems.throwIfAny();
    JsonFields fields = new JsonFields(object, "", problems);
    if (fields.value(PEFT_TYPE).isEmpty()) {
      problems.add(PEFT_TYPE + " is missing");
    }
    fields.requireOnly(ONLY);
    int rank = fields.positiveInt(RANK, DEFAULT_RANK);
    double alpha = fields.positiveNumber(LORA_ALPHA, DEFAULT_ALPHA);
    List<String> targets = targets(fields, problems);
    List<String> saved = fields.strings(MODULES_TO_SAVE);
    boolean rsLora = fields.flag(USE_RSLORA, false);
    checkInitialisation(fields);
    fields.understand(HARMLESS);
    fields.refuseRestUnlessNeutral("this is not supported");
    problems.throwIfAny();
    return new AdapterConfig(rank, alpha, targets, saved, rsLora);
  }

  private static List<String> targets(JsonFields fields, Problems problems) {
    JsonNode node = fields.value(TARGET_MODULES).orElse(null);
    if (node == null) {
      problems.add(TARGET_MODULES + " is missing");
      return List.of(ALL_LINEAR);
    }
    if (node.isTextual()) {
      if (!node.textValue().toLowerCase(Locale.ROOT).equals(ALL_LINEAR)) {
        fields.refuse(
            TARGET_MODULES, node, "a list of names or " + ALL_LINEAR + " is needed, no expression");
      }
      return List.of(ALL_LINEAR);
    }
    List<String> names = fields.strings(TARGET_MODULES);
    if (node.isArray() && node.isEmpty()) {
      problems.add(TARGET_MODULES + " is empty");
    }
    return names.stream().distinct().toList();
  }

  private static void checkInitialisation(JsonFields fields) {
    fields
        .value(INIT_LORA_WEIGHTS)
        .filter(node -> !node.isBoolean() && !INITIALISATIONS.contains(node.asText()))
        .ifPresent(
            node ->
                fields.refuse(
                    INIT_LORA_WEIGHTS, node, "the adapter fits a changed base model only"));
  }

  /**
   * The {@code adapter_config.json} of an adapter for causal language modelling.
   *
   * @param baseModel name or path of the base model, for those who load the adapter
   */
  public static String toJson(AdapterConfig config, String baseModel) {
    ObjectNode json = StrictJson.MAPPER.createObjectNode();
    json.put(PEFT_TYPE, LORA)
        .put(TASK_TYPE, CAUSAL_LM)
        .put(BASE_MODEL, baseModel)
        .putNull("revision")
        .putNull("auto_mapping")
        .put(INFERENCE_MODE, true)
        .put(RANK, config.rank());
    putAlpha(json, config.alpha());
    json.put(LORA_DROPOUT, 0.0)
        .put(USE_RSLORA, config.rsLora())
        .put(BIAS, "none")
        .put(FAN_IN_FAN_OUT, false)
        .put(INIT_LORA_WEIGHTS, true);
    if (config.targetModules().equals(List.of(ALL_LINEAR))) {
      json.put(TARGET_MODULES, ALL_LINEAR);
    } else {
      putStrings(json.putArray(TARGET_MODULES), config.targetModules());
    }
    if (config.modulesToSave().isEmpty()) {
      json.putNull(MODULES_TO_SAVE);
    } else {
      putStrings(json.putArray(MODULES_TO_SAVE), config.modulesToSave());
    }
    json.putNull("layers_to_transform").putNull("layers_pattern");
    json.putObject("rank_pattern");
    json.putObject("alpha_pattern");
    json.put("use_dora", false);
    return StrictJson.text(json);
  }

  private static void putAlpha(ObjectNode json, double alpha) {
    // PEFT declares an integer and writes one; other readers insist on it.
    if (alpha == Math.rint(alpha) && Math.abs(alpha) < Integer.MAX_VALUE) {
      json.put(LORA_ALPHA, (int) alpha);
    } else {
      json.put(LORA_ALPHA, alpha);
    }
  }

  private static void putStrings(ArrayNode array, List<String> strings) {
    strings.forEach(array::add);
  }
}
