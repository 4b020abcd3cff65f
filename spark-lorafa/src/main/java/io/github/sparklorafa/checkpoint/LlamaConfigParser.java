package io.github.sparklorafa.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparklorafa.model.LlamaConfig;
import java.util.List;
import java.util.Map;

/**
 * Hugging Face's {@code config.json} of {@code model_type} llama, both ways.
 *
 * <p>Defaults of absent keys are those of transformers' {@code LlamaConfig}. A key that could
 * change what the model computes and is not implemented is refused by name, and so is every key
 * that is not known; the keys that change nothing are listed here.
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
  static final String ROPE_THETA = "rope_theta";
  static final String ROPE_SCALING = "rope_scaling";
  static final String ROPE_PARAMETERS = "rope_parameters";
  static final String ROPE_TYPE = "rope_type";
  static final String OLD_ROPE_TYPE = "type";
  static final String PARTIAL_ROTARY_FACTOR = "partial_rotary_factor";
  static final String TIE_WORD_EMBEDDINGS = "tie_word_embeddings";
  static final String MAX_POSITION_EMBEDDINGS = "max_position_embeddings";
  static final String ATTENTION_BIAS = "attention_bias";
  static final String MLP_BIAS = "mlp_bias";
  static final String ATTENTION_DROPOUT = "attention_dropout";

  private static final String LLAMA = "llama";
  private static final String CAUSAL_LM = "LlamaForCausalLM";
  private static final String DEFAULT_ROPE = "default";
  private static final double DEFAULT_ROPE_THETA = 10_000;

  /** Far beyond every model, so that a damaged number fills no memory and no product overflows. */
  private static final int MOST_LAYERS = 10_000;

  private static final int MOST_HEADS = 1 << 16;
  private static final int MOST_HIDDEN = 1 << 20;
  private static final int MOST_TOKENS = 1 << 24;
  private static final String WAY_OUT = "use a LLaMA checkpoint without what is named";

  /** Keys that transformers honours and that we know in one value only. */
  private static final Map<String, Object> ONLY =
      Map.ofEntries(
          Map.entry(HIDDEN_ACT, "silu"),
          Map.entry(ATTENTION_BIAS, false),
          Map.entry(MLP_BIAS, false),
          Map.entry(ATTENTION_DROPOUT, 0),
          Map.entry(PARTIAL_ROTARY_FACTOR, 1),
          Map.entry("pretraining_tp", 1),
          Map.entry("rope_interleaved", false),
          Map.entry("is_encoder_decoder", false),
          Map.entry("use_sliding_window", false));

  /** Features that an absent, null, false or empty value switches off. */
  private static final List<String> OFF =
      List.of(
          "add_cross_attention",
          "auto_map",
          "compression_config",
          "pruned_heads",
          "quantization_config",
          "sliding_window",
          "tie_encoder_decoder");

  /** What changes nothing in the logits, gradients or names of a LLaMA. */
  private static final List<String> HARMLESS =
      List.of(
          // About the file.
          "_name_or_path",
          "name_or_path",
          "transformers_version",
          "torch_dtype",
          "dtype",
          "is_llama_config",
          "transformers.js_config",
          "unsloth_fixed",
          "unsloth_version",
          "tokenizer_class",
          "task_specific_params",
          "finetuning_task",
          "mlx_version",
          // Special tokens.
          "bos_token_id",
          "eos_token_id",
          "pad_token_id",
          "unk_token_id",
          "sep_token_id",
          "cls_token_id",
          "decoder_start_token_id",
          "forced_bos_token_id",
          "forced_eos_token_id",
          // How Python runs it.
          "initializer_range",
          "use_cache",
          "max_sequence_length",
          "chunk_size_feed_forward",
          "is_decoder",
          "output_attentions",
          "output_hidden_states",
          "output_scores",
          "output_router_logits",
          "return_dict",
          "return_dict_in_generate",
          "torchscript",
          "tf_legacy_loss",
          "use_bfloat16",
          "use_return_dict",
          "cross_attention_hidden_size",
          "gradient_checkpointing",
          "_attn_implementation",
          "_attn_implementation_autoset",
          "attn_implementation",
          "_flash_attn_2_enabled",
          // Heads of other tasks.
          "id2label",
          "label2id",
          "num_labels",
          "problem_type",
          // Generation, which older versions kept here.
          "bad_words_ids",
          "begin_suppress_tokens",
          "diversity_penalty",
          "do_sample",
          "early_stopping",
          "encoder_no_repeat_ngram_size",
          "exponential_decay_length_penalty",
          "length_penalty",
          "max_length",
          "max_new_tokens",
          "min_length",
          "no_repeat_ngram_size",
          "num_beam_groups",
          "num_beams",
          "num_return_sequences",
          "prefix",
          "remove_invalid_values",
          "repetition_penalty",
          "suppress_tokens",
          "temperature",
          "top_k",
          "top_p",
          "typical_p");

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
    checkType(fields, problems);
    // Keys of another architecture would only bury the reason.
    problems.throwIfAny();
    return read(fields, problems);
  }

  private static void checkType(JsonFields fields, Problems problems) {
    if (fields.value(MODEL_TYPE).isEmpty()) {
      problems.add(MODEL_TYPE + " is missing");
    }
    fields.requireOnly(Map.of(MODEL_TYPE, LLAMA));
    fields
        .value(ARCHITECTURES)
        .filter(node -> !node.isEmpty())
        .filter(node -> node.size() != 1 || !node.path(0).asText().equalsIgnoreCase(CAUSAL_LM))
        .ifPresent(
            node -> fields.refuse(ARCHITECTURES, node, "only " + CAUSAL_LM + " is supported"));
  }

  private static LlamaConfig read(JsonFields fields, Problems problems) {
    int hidden = fields.positiveInt(HIDDEN_SIZE, 4096, MOST_HIDDEN);
    int heads = fields.positiveInt(NUM_ATTENTION_HEADS, 32, MOST_HEADS);
    int keyValueHeads = fields.positiveInt(NUM_KEY_VALUE_HEADS, heads, MOST_HEADS);
    int headDim = fields.positiveInt(HEAD_DIM, Math.max(1, hidden / heads), MOST_HEADS);
    if (fields.value(HEAD_DIM).isEmpty() && hidden % heads != 0) {
      problems.add(
          "hidden_size %d is not a multiple of num_attention_heads %d and head_dim is missing"
              .formatted(hidden, heads));
    } else if (headDim % 2 != 0) {
      problems.add("head_dim %d is odd, so it has no rotary halves".formatted(headDim));
    }
    if (heads % keyValueHeads != 0) {
      problems.add(
          "num_attention_heads %d is not a multiple of num_key_value_heads %d"
              .formatted(heads, keyValueHeads));
    }
    int vocabulary = fields.positiveInt(VOCAB_SIZE, 32_000, MOST_TOKENS);
    int intermediate = fields.positiveInt(INTERMEDIATE_SIZE, 11_008, MOST_TOKENS);
    int layers = fields.positiveInt(NUM_HIDDEN_LAYERS, 32, MOST_LAYERS);
    double eps = fields.positiveNumber(RMS_NORM_EPS, 1e-6);
    double theta = ropeTheta(fields, problems);
    boolean tied = fields.flag(TIE_WORD_EMBEDDINGS, false);
    int positions = fields.positiveInt(MAX_POSITION_EMBEDDINGS, 2048);
    refuseOthers(fields);
    problems.throwIfAny();
    return new LlamaConfig(
        vocabulary,
        hidden,
        intermediate,
        layers,
        heads,
        keyValueHeads,
        headDim,
        eps,
        theta,
        tied,
        positions);
  }

  private static void refuseOthers(JsonFields fields) {
    fields.requireOnly(ONLY);
    fields.requireNeutral(OFF, "this is not supported");
    checkLayerTypes(fields);
    fields.understand(HARMLESS);
    fields.refuseRest("this key is not known, so it might change what the model computes");
  }

  private static double ropeTheta(JsonFields fields, Problems problems) {
    double top = fields.positiveNumber(ROPE_THETA, DEFAULT_ROPE_THETA);
    boolean atTop = fields.value(ROPE_THETA).isPresent();
    double theta = top;
    // transformers 5 writes rope_parameters, transformers 4 rope_theta beside rope_scaling.
    for (String key : List.of(ROPE_SCALING, ROPE_PARAMETERS)) {
      JsonNode node = fields.value(key).orElse(null);
      if (node instanceof ObjectNode rope) {
        double inner = ropeTheta(new JsonFields(rope, key + ".", problems), theta);
        if (atTop && inner != top) {
          problems.add(
              "%s %s and %s.%s %s differ".formatted(ROPE_THETA, top, key, ROPE_THETA, inner));
        }
        theta = inner;
      } else if (node != null) {
        fields.refuse(key, node, "an object is needed");
      }
    }
    return theta;
  }

  private static double ropeTheta(JsonFields rope, double orElse) {
    rope.requireOnly(
        Map.of(ROPE_TYPE, DEFAULT_ROPE, OLD_ROPE_TYPE, DEFAULT_ROPE, PARTIAL_ROTARY_FACTOR, 1));
    double theta = rope.positiveNumber(ROPE_THETA, orElse);
    rope.refuseRest("only the default rotary embedding is supported");
    return theta;
  }

  private static void checkLayerTypes(JsonFields fields) {
    List<String> types = fields.strings("layer_types");
    if (!types.stream().allMatch("full_attention"::equals)) {
      fields
          .value("layer_types")
          .ifPresent(
              node -> fields.refuse("layer_types", node, "only full_attention is supported"));
    }
  }

  /** The {@code config.json} of such a model, which transformers 4 and 5 read alike. */
  public static String toJson(LlamaConfig config) {
    ObjectNode json = StrictJson.MAPPER.createObjectNode();
    json.putArray(ARCHITECTURES).add(CAUSAL_LM);
    json.put(MODEL_TYPE, LLAMA)
        .put(VOCAB_SIZE, config.vocabSize())
        .put(HIDDEN_SIZE, config.hiddenSize())
        .put(INTERMEDIATE_SIZE, config.intermediateSize())
        .put(NUM_HIDDEN_LAYERS, config.numHiddenLayers())
        .put(NUM_ATTENTION_HEADS, config.numAttentionHeads())
        .put(NUM_KEY_VALUE_HEADS, config.numKeyValueHeads())
        .put(HEAD_DIM, config.headDim())
        .put(HIDDEN_ACT, "silu")
        .put(RMS_NORM_EPS, config.rmsNormEps())
        .put(ROPE_THETA, config.ropeTheta())
        .put(TIE_WORD_EMBEDDINGS, config.tieWordEmbeddings())
        .put(MAX_POSITION_EMBEDDINGS, config.maxPositionEmbeddings())
        .put(ATTENTION_BIAS, false)
        .put(MLP_BIAS, false)
        .put(ATTENTION_DROPOUT, 0.0);
    return StrictJson.text(json);
  }
}
