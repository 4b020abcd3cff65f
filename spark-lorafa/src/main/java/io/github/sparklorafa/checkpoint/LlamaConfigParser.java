package io.github.sparklorafa.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparklorafa.model.LlamaConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Hugging Face's {@code config.json} of a LLaMA: {@code model_type} llama, mistral, qwen2, qwen3 or
 * phi3.
 *
 * <p>Defaults of absent keys are those of transformers' configuration classes. A key that could
 * change what the model computes and is not implemented is refused by name, and so is every key
 * that is not known; the keys that change nothing are those of {@link CommonKeys}. Attention
 * dropout, which matters in training alone, is accepted and counts as 0.
 */
public final class LlamaConfigParser {
  static final String MODEL_TYPE = "model_type";
  static final String ARCHITECTURES = "architectures";
  static final String VOCAB_SIZE = "vocab_size";
  static final String HIDDEN_SIZE = "hidden_size";
  static final String INTERMEDIATE_SIZE = "intermediate_size";
  static final String NUM_HIDDEN_LAYERS = "num_hidden_layers";
  static final String NUM_ATTENTION_HEADS = "num_attention_heads";
  static final String NUM_KEY_VALUE_HEADS = "num_key_value_heads";
  static final String HEAD_DIM = "head_dim";
  static final String HIDDEN_ACT = "hidden_act";
  static final String RMS_NORM_EPS = "rms_norm_eps";
  static final String TIE_WORD_EMBEDDINGS = "tie_word_embeddings";
  static final String MAX_POSITION_EMBEDDINGS = "max_position_embeddings";
  static final String ATTENTION_DROPOUT = "attention_dropout";

  /** Far beyond every model, so that a damaged number fills no memory and no product overflows. */
  private static final int MOST_LAYERS = 10_000;

  private static final int MOST_HEADS = 1 << 16;
  private static final int MOST_HIDDEN = 1 << 20;
  private static final int MOST_TOKENS = 1 << 24;
  private static final String WAY_OUT = "use a checkpoint without what is named";

  /** Keys that transformers honours and that we know in one value only. */
  private static final Map<String, Object> ONLY =
      Map.of(HIDDEN_ACT, "silu", "is_encoder_decoder", false);

  private LlamaConfigParser() {}

  /**
   * Parses the text of a {@code config.json}.
   *
   * @throws IllegalArgumentException naming everything in it that is wrong or not supported
   */
  public static LlamaConfig fromJson(String json) {
    return fromJson(json, "config.json");
  }

  static LlamaConfig fromJson(String json, String source) {
    Problems problems = new Problems("Cannot use model configuration: " + source, WAY_OUT);
    ObjectNode object = StrictJson.parse(json, problems);
    problems.throwIfAny();
    JsonFields fields = new JsonFields(object, "", problems);
    LlamaFamily family = family(fields, problems);
    // Keys of another architecture would only bury the reason.
    problems.throwIfAny();
    return read(family, fields, problems);
  }

  /** Which LLaMA it is; null, and complained about, if none. */
  private static LlamaFamily family(JsonFields fields, Problems problems) {
    Optional<JsonNode> type = fields.value(MODEL_TYPE);
    Optional<LlamaFamily> known = type.map(JsonNode::asText).flatMap(LlamaFamily::of);
    if (type.isEmpty()) {
      problems.add(MODEL_TYPE + " is missing");
    } else if (known.isEmpty()) {
      fields.refuse(
          MODEL_TYPE, type.get(), "only " + ModelConfigParser.modelTypes() + " are supported");
    }
    known.ifPresent(family -> checkArchitectures(family.causalLm(), fields));
    return known.orElse(null);
  }

  private static void checkArchitectures(String only, JsonFields fields) {
    fields
        .value(ARCHITECTURES)
        .filter(node -> !node.isEmpty())
        .filter(node -> node.size() != 1 || !node.path(0).asText().equalsIgnoreCase(only))
        .ifPresent(node -> fields.refuse(ARCHITECTURES, node, "only " + only + " is supported"));
  }

  private static LlamaConfig read(LlamaFamily family, JsonFields fields, Problems problems) {
    LlamaFamily.Defaults defaults = family.defaults();
    int hidden = fields.positiveInt(HIDDEN_SIZE, defaults.hiddenSize(), MOST_HIDDEN);
    int heads = fields.positiveInt(NUM_ATTENTION_HEADS, 32, MOST_HEADS);
    int keyValueHeads = keyValueHeads(fields, defaults, heads);
    int headDim = headDim(fields, defaults, hidden, heads, problems);
    if (heads % keyValueHeads != 0) {
      problems.add(
          "num_attention_heads %d is not a multiple of num_key_value_heads %d"
              .formatted(heads, keyValueHeads));
    }
    int layers = fields.positiveInt(NUM_HIDDEN_LAYERS, 32, MOST_LAYERS);
    int positions = fields.positiveInt(MAX_POSITION_EMBEDDINGS, defaults.maxPositionEmbeddings());
    LlamaConfig config =
        new LlamaConfig(
            fields.positiveInt(VOCAB_SIZE, defaults.vocabSize(), MOST_TOKENS),
            hidden,
            fields.positiveInt(INTERMEDIATE_SIZE, defaults.intermediateSize(), MOST_TOKENS),
            layers,
            heads,
            keyValueHeads,
            headDim,
            fields.positiveNumber(RMS_NORM_EPS, defaults.rmsNormEps()),
            new RopeParser(family, headDim, positions, problems).read(fields),
            fields.flag(TIE_WORD_EMBEDDINGS, false),
            positions,
            new LlamaVariantParser(family, fields, layers, problems).read());
    refuseOthers(family, fields);
    problems.throwIfAny();
    return config;
  }

  private static int keyValueHeads(JsonFields fields, LlamaFamily.Defaults defaults, int heads) {
    boolean all =
        defaults.numKeyValueHeads() == LlamaFamily.Defaults.ALL_HEADS
            || fields.isNull(NUM_KEY_VALUE_HEADS);
    return fields.positiveInt(
        NUM_KEY_VALUE_HEADS, all ? heads : defaults.numKeyValueHeads(), MOST_HEADS);
  }

  private static int headDim(
      JsonFields fields, LlamaFamily.Defaults defaults, int hidden, int heads, Problems problems) {
    boolean divided =
        fields.value(HEAD_DIM).isEmpty() && defaults.headDim() == LlamaFamily.Defaults.DIVIDED;
    int headDim =
        fields.positiveInt(
            HEAD_DIM, divided ? Math.max(1, hidden / heads) : defaults.headDim(), MOST_HEADS);
    if (divided && hidden % heads != 0) {
      problems.add(
          "hidden_size %d is not a multiple of num_attention_heads %d and head_dim is missing"
              .formatted(hidden, heads));
    } else if (headDim % 2 != 0) {
      problems.add("head_dim %d is odd, so it has no rotary halves".formatted(headDim));
    }
    return headDim;
  }

  private static void refuseOthers(LlamaFamily family, JsonFields fields) {
    fields.requireOnly(ONLY);
    fields.requireOnly(family.only());
    fields.understand(family.harmless());
    List<String> off =
        CommonKeys.OFF.stream().filter(key -> !family.harmless().contains(key)).toList();
    fields.requireNeutral(off, "this is not supported");
    fields.understand(CommonKeys.HARMLESS);
    fields.understand(List.of(ATTENTION_DROPOUT));
    fields.refuseRest("this key is not known, so it might change what the model computes");
  }
}
