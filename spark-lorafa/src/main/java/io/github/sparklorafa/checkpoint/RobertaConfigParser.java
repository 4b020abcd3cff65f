package io.github.sparklorafa.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.model.RobertaConfig;
import io.github.sparklorafa.model.RobertaFamily;
import io.github.sparklorafa.nn.Gelu;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Hugging Face's {@code config.json} of a RoBERTa: {@code model_type} roberta, xlm-roberta or bert.
 *
 * <p>Defaults of absent keys are those of transformers' configuration classes. {@code
 * architectures} says which head the checkpoint has: a classifier, or that of the masked language
 * model, as which a model without head counts too. A key that is not known is refused by name; the
 * architecture's own dropout is accepted and counts as 0.
 */
final class RobertaConfigParser {
  private static final String ARCHITECTURES = "architectures";
  private static final String PAD_TOKEN_ID = "pad_token_id";
  private static final String HIDDEN_ACT = "hidden_act";
  private static final String NUM_LABELS = "num_labels";
  private static final String ID2LABEL = "id2label";
  private static final String PROBLEM_TYPE = "problem_type";
  private static final String CLASSIFIES = "ForSequenceClassification";

  /**
   * What stands behind the family's name in classes whose weights hold an encoder as we have it.
   */
  private static final List<String> CLASSES =
      List.of(CLASSIFIES, "ForMaskedLM", "Model", "ForPreTraining");

  private static final int MOST_LAYERS = 10_000;
  private static final int MOST_HEADS = 1 << 16;
  private static final int MOST_HIDDEN = 1 << 20;
  private static final int MOST_TOKENS = 1 << 24;
  private static final int MOST_LABELS = 1 << 20;
  private static final int USUAL_LABELS = 2;

  private static final Map<String, Object> ONLY =
      Map.of(
          "position_embedding_type", "absolute",
          "is_decoder", false,
          "is_encoder_decoder", false);

  /** What changes nothing in these families: above all their own dropout, which is not done. */
  private static final List<String> HARMLESS =
      List.of(
          "attention_probs_dropout_prob",
          "classifier_dropout",
          "hidden_dropout_prob",
          "output_past",
          "gradient_checkpointing",
          "add_pooling_layer");

  private static final Map<String, Gelu.Form> ACTIVATIONS =
      Map.of(
          "gelu", Gelu.Form.ERF,
          "gelu_new", Gelu.Form.TANH,
          "gelu_pytorch_tanh", Gelu.Form.TANH);

  private final RobertaFamily family;
  private final JsonFields fields;
  private final Problems problems;

  RobertaConfigParser(RobertaFamily family, ObjectNode object, Problems problems) {
    this.family = family;
    this.fields = new JsonFields(object, "", problems);
    this.problems = problems;
  }

  /**
   * The configuration.
   *
   * @throws IllegalArgumentException naming everything in it that is wrong or not supported
   */
  RobertaConfig read() {
    fields.value(ModelConfigParser.MODEL_TYPE);
    int vocabulary =
        fields.positiveInt(
            "vocab_size", family == RobertaFamily.ROBERTA ? 50_265 : 30_522, MOST_TOKENS);
    int hidden = fields.positiveInt("hidden_size", 768, MOST_HIDDEN);
    int heads = fields.positiveInt("num_attention_heads", 12, MOST_HEADS);
    if (hidden % heads != 0) {
      problems.add(
          "hidden_size %d is not a multiple of num_attention_heads %d".formatted(hidden, heads));
    }
    Objective.Classification classes = classes();
    RobertaConfig config =
        new RobertaConfig(
            family,
            vocabulary,
            hidden,
            fields.positiveInt("intermediate_size", 3072, MOST_TOKENS),
            fields.positiveInt("num_hidden_layers", 12, MOST_LAYERS),
            heads,
            fields.positiveInt("max_position_embeddings", 512, MOST_TOKENS),
            fields.positiveInt("type_vocab_size", 2, MOST_TOKENS),
            fields.positiveNumber("layer_norm_eps", 1e-12),
            padTokenId(vocabulary),
            activation(),
            fields.flag("tie_word_embeddings", true),
            classes,
            objective(classes));
    if (config.maxPositionEmbeddings() < 1) {
      problems.add(
          "max_position_embeddings %d leaves no position after pad_token_id %d"
              .formatted(config.positionRows(), config.padTokenId()));
    }
    fields.requireOnly(ONLY);
    fields.requireNeutral(CommonKeys.OFF, "this is not supported");
    fields.understand(HARMLESS);
    fields.understand(CommonKeys.HARMLESS);
    fields.refuseRest("this key is not known, so it might change what the model computes");
    problems.throwIfAny();
    return config;
  }

  /** Positions follow it, so that only BERT may have none. */
  private int padTokenId(int vocabulary) {
    if (fields.isNull(PAD_TOKEN_ID)) {
      if (family != RobertaFamily.BERT) {
        problems.add(PAD_TOKEN_ID + " is null, so positions begin nowhere");
      }
      return family == RobertaFamily.BERT ? -1 : 0;
    }
    int pad = fields.integer(PAD_TOKEN_ID, 0, family == RobertaFamily.BERT ? 0 : 1);
    if (pad >= vocabulary) {
      problems.add("%s %d is not below vocab_size %d".formatted(PAD_TOKEN_ID, pad, vocabulary));
      return 0;
    }
    return pad;
  }

  private Gelu.Form activation() {
    Optional<JsonNode> given = fields.value(HIDDEN_ACT);
    Gelu.Form form = ACTIVATIONS.get(given.map(JsonNode::asText).orElse("gelu"));
    if (form == null) {
      fields.refuse(
          HIDDEN_ACT,
          given.orElseThrow(),
          "only gelu, gelu_new and gelu_pytorch_tanh are supported");
      return Gelu.Form.ERF;
    }
    return form;
  }

  private Objective objective(Objective.Classification classes) {
    Optional<JsonNode> given = fields.value(ARCHITECTURES).filter(node -> !node.isEmpty());
    List<String> known = CLASSES.stream().map(name -> family.className() + name).toList();
    given
        .filter(node -> node.size() != 1 || !known.contains(node.path(0).asText()))
        .ifPresent(
            node ->
                fields.refuse(
                    ARCHITECTURES,
                    node,
                    "only one of " + String.join(", ", known) + " is supported"));
    boolean classifies =
        given.filter(node -> node.path(0).asText().endsWith(CLASSIFIES)).isPresent();
    return classifies ? classes : new Objective.MaskedLm();
  }

  /** Labels and their kind, as transformers reads them: one label alone is a regression. */
  private Objective.Classification classes() {
    int labels =
        fields
            .value(ID2LABEL)
            .filter(JsonNode::isObject)
            .map(JsonNode::size)
            .filter(count -> count > 0)
            .orElseGet(() -> fields.positiveInt(NUM_LABELS, USUAL_LABELS, MOST_LABELS));
    Optional<JsonNode> type = fields.value(PROBLEM_TYPE);
    if (type.isEmpty()) {
      return new Objective.Classification(
          labels, labels == 1 ? Objective.Kind.REGRESSION : Objective.Kind.SINGLE_LABEL);
    }
    Optional<Objective.Kind> kind =
        Arrays.stream(Objective.Kind.values())
            .filter(known -> known.problemType().equals(type.get().asText()))
            .findFirst();
    if (kind.isEmpty()) {
      fields.refuse(
          PROBLEM_TYPE,
          type.get(),
          "only regression, single_label_classification and multi_label_classification are known");
    }
    return new Objective.Classification(labels, kind.orElse(Objective.Kind.SINGLE_LABEL));
  }
}
