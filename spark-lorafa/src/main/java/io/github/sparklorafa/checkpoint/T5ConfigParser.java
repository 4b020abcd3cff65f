package io.github.sparklorafa.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparklorafa.model.T5Config;
import io.github.sparklorafa.model.T5Config.FeedForward;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Hugging Face's {@code config.json} of a T5: {@code model_type} t5 (v1.0, v1.1, Flan-T5) or mt5.
 *
 * <p>Defaults of absent keys are those of transformers' configuration classes. That the head is not
 * scaled is written in two ways: {@code tie_word_embeddings: false} up to transformers 4, {@code
 * scale_decoder_outputs: false} from 5 on, which calls every head tied; whether it is, the weights
 * say then ({@link T5Config#storedWith}). A key that is not known is refused by name.
 */
final class T5ConfigParser {
  static final List<String> MODEL_TYPES = List.of("t5", "mt5");

  private static final String FEED_FORWARD_PROJ = "feed_forward_proj";
  private static final String TIE_WORD_EMBEDDINGS = "tie_word_embeddings";
  private static final String RELATIVE_ATTENTION_NUM_BUCKETS = "relative_attention_num_buckets";
  private static final String DECODER_START_TOKEN_ID = "decoder_start_token_id";

  private static final Set<String> ARCHITECTURES =
      Set.of("T5ForConditionalGeneration", "T5WithLMHeadModel", "MT5ForConditionalGeneration");

  /** Far beyond every model, so that a damaged number fills no memory and no product overflows. */
  private static final int MOST_LAYERS = 10_000;

  private static final int MOST_HEADS = 1 << 16;
  private static final int MOST_WIDTH = 1 << 20;
  private static final int MOST_TOKENS = 1 << 24;

  /** Of an encoder: two directions, each with near distances and far ones. */
  private static final int LEAST_BUCKETS = 4;

  private static final Map<String, Object> ONLY =
      Map.of("is_encoder_decoder", true, "is_decoder", false);

  /** Of T5 alone. */
  private static final List<String> HARMLESS =
      List.of(
          "dropout_rate", "classifier_dropout", "initializer_factor", "n_positions", "output_past");

  private final JsonFields fields;
  private final Problems problems;
  private final boolean multilingual;

  private T5ConfigParser(JsonFields fields, Problems problems, boolean multilingual) {
    this.fields = fields;
    this.problems = problems;
    this.multilingual = multilingual;
  }

  static T5Config fromJson(String json, String source) {
    Problems problems = ModelConfigParser.problems(source);
    ObjectNode object = StrictJson.parse(json, problems);
    problems.throwIfAny();
    JsonFields fields = new JsonFields(object, "", problems);
    boolean multilingual =
        fields
            .value(ModelConfigParser.MODEL_TYPE)
            .filter(n -> n.asText().equals("mt5"))
            .isPresent();
    T5Config config = new T5ConfigParser(fields, problems, multilingual).read();
    problems.throwIfAny();
    return config;
  }

  private T5Config read() {
    checkArchitectures();
    int layers = fields.positiveInt("num_layers", multilingual ? 8 : 6, MOST_LAYERS);
    int vocabulary = fields.positiveInt("vocab_size", multilingual ? 250_112 : 32_128, MOST_TOKENS);
    int pad = token("pad_token_id", 0, vocabulary);
    boolean tied = fields.flag(TIE_WORD_EMBEDDINGS, true);
    boolean scaled = fields.flag("scale_decoder_outputs", tied);
    int buckets = fields.integer(RELATIVE_ATTENTION_NUM_BUCKETS, LEAST_BUCKETS, 32);
    T5Config config =
        new T5Config(
            vocabulary,
            fields.positiveInt("d_model", 512, MOST_WIDTH),
            fields.positiveInt("d_kv", 64, MOST_HEADS),
            fields.positiveInt("d_ff", multilingual ? 1024 : 2048, MOST_TOKENS),
            layers,
            fields.positiveInt("num_decoder_layers", layers, MOST_LAYERS),
            fields.positiveInt("num_heads", multilingual ? 6 : 8, MOST_HEADS),
            buckets,
            maxDistance(buckets),
            fields.positiveNumber("layer_norm_epsilon", 1e-6),
            feedForward(),
            tied,
            scaled && !multilingual,
            pad,
            token(DECODER_START_TOKEN_ID, pad, vocabulary));
    fields.requireOnly(ONLY);
    fields.requireNeutral(CommonKeys.OFF, "this is not supported");
    fields.understand(CommonKeys.HARMLESS);
    fields.understand(HARMLESS);
    fields.refuseRest("this key is not known, so it might change what the model computes");
    return config;
  }

  private void checkArchitectures() {
    fields
        .value("architectures")
        .filter(node -> !node.isEmpty())
        .filter(node -> node.size() != 1 || !ARCHITECTURES.contains(node.path(0).asText()))
        .ifPresent(
            node ->
                fields.refuse(
                    "architectures", node, "only T5ForConditionalGeneration is supported"));
  }

  private int token(String key, int orElse, int vocabulary) {
    int id = fields.integer(key, 0, orElse);
    if (id >= vocabulary) {
      problems.add("%s %d is outside the vocabulary of %d".formatted(key, id, vocabulary));
    }
    return id;
  }

  /** Distances grow towards it from half of the buckets on, which have one each. */
  private int maxDistance(int buckets) {
    int distance = fields.positiveInt("relative_attention_max_distance", 128);
    if (distance <= buckets / 2) {
      problems.add(
          "relative_attention_max_distance %d is not above half of the %d buckets"
              .formatted(distance, buckets));
    }
    return distance;
  }

  private FeedForward feedForward() {
    String given =
        fields
            .value(FEED_FORWARD_PROJ)
            .map(JsonNode::asText)
            .orElse(multilingual ? "gated-gelu" : "relu");
    FeedForward kind =
        switch (given) {
          case "relu" -> FeedForward.RELU;
          case "gated-gelu" -> FeedForward.GATED_GELU;
          default -> {
            fields
                .value(FEED_FORWARD_PROJ)
                .ifPresent(
                    node ->
                        fields.refuse(
                            FEED_FORWARD_PROJ, node, "only relu and gated-gelu are supported"));
            yield FeedForward.RELU;
          }
        };
    boolean gated = kind == FeedForward.GATED_GELU;
    fields.requireOnly(Map.of("dense_act_fn", gated ? "gelu_new" : "relu", "is_gated_act", gated));
    return kind;
  }
}
