package io.github.sparklorafa.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparklorafa.nn.Rope;
import io.github.sparklorafa.nn.RopeScaling;
import java.util.List;

/**
 * Reads the rotary embedding in both spellings: {@code rope_theta} beside {@code rope_scaling} of
 * transformers 4, whose kind is its {@code type} or {@code rope_type}, and {@code rope_parameters}
 * of transformers 5, which has all in one.
 */
final class RopeParser {
  static final String ROPE_THETA = "rope_theta";
  static final String ROPE_SCALING = "rope_scaling";
  static final String ROPE_PARAMETERS = "rope_parameters";
  static final String ROPE_TYPE = "rope_type";
  static final String OLD_ROPE_TYPE = "type";
  static final String PARTIAL_ROTARY_FACTOR = "partial_rotary_factor";

  private static final String FACTOR = "factor";
  private static final String ORIGINAL_POSITIONS = "original_max_position_embeddings";
  private static final String DEFAULT = "default";
  private static final double DEFAULT_THETA = 10_000;

  private final LlamaFamily family;
  private final int headDim;
  private final int maxPositions;
  private final Problems problems;

  /**
   * @param maxPositions what a missing {@code original_max_position_embeddings} means
   */
  RopeParser(LlamaFamily family, int headDim, int maxPositions, Problems problems) {
    this.family = family;
    this.headDim = headDim;
    this.maxPositions = maxPositions;
    this.problems = problems;
  }

  Rope read(JsonFields top) {
    Rope rope = new Rope(turning(top), top.positiveNumber(ROPE_THETA, DEFAULT_THETA));
    ObjectNode old = object(top, ROPE_SCALING);
    ObjectNode parameters = object(top, ROPE_PARAMETERS);
    if (old != null && parameters != null && !old.equals(parameters)) {
      problems.add(ROPE_SCALING + " and " + ROPE_PARAMETERS + " differ");
    }
    String key = old != null ? ROPE_SCALING : ROPE_PARAMETERS;
    ObjectNode inner = old != null ? old : parameters;
    if (inner == null) {
      return rope;
    }
    Rope result = read(new JsonFields(inner, key + ".", problems), rope);
    if (top.value(ROPE_THETA).isPresent() && result.theta() != rope.theta()) {
      problems.add(
          "%s %s and %s.%s %s differ"
              .formatted(ROPE_THETA, rope.theta(), key, ROPE_THETA, result.theta()));
    }
    return result;
  }

  /** The object of that key; null where it is absent or empty. */
  private static ObjectNode object(JsonFields top, String key) {
    JsonNode node = top.value(key).orElse(null);
    if (node != null && !node.isObject()) {
      top.refuse(key, node, "an object is needed");
    }
    return node instanceof ObjectNode object && !object.isEmpty() ? object : null;
  }

  private Rope read(JsonFields inner, Rope outer) {
    double theta = inner.positiveNumber(ROPE_THETA, outer.theta());
    int dim = inner.value(PARTIAL_ROTARY_FACTOR).isPresent() ? turning(inner) : outer.dim();
    String type = type(inner);
    if (type == null) {
      return outer;
    }
    RopeScaling scaling = scaling(type, inner);
    inner.refuseRest("this key is not known of a rotary embedding of type " + type);
    return new Rope(dim, theta, scaling);
  }

  /** The numbers of a head that turn. */
  private int turning(JsonFields fields) {
    double factor = fields.positiveNumber(PARTIAL_ROTARY_FACTOR, 1);
    int dim = (int) Math.min(Integer.MAX_VALUE, headDim * factor);
    JsonNode node = fields.value(PARTIAL_ROTARY_FACTOR).orElse(null);
    if (node == null || factor == 1) {
      return headDim;
    }
    if (family != LlamaFamily.PHI3) {
      fields.refuse(PARTIAL_ROTARY_FACTOR, node, "only 1 is supported");
    } else if (dim < 2 || dim > headDim || dim % 2 != 0) {
      fields.refuse(
          PARTIAL_ROTARY_FACTOR, node, "an even part of head_dim %d is needed".formatted(headDim));
    }
    return dim;
  }

  /** The kind of scaling; null, and complained about, where we do not know it. */
  private String type(JsonFields inner) {
    JsonNode old = inner.value(OLD_ROPE_TYPE).orElse(null);
    JsonNode node = inner.value(ROPE_TYPE).orElse(old);
    if (node == null) {
      return DEFAULT;
    }
    // For Phi-3 transformers takes yarn for longrope, and knows no other.
    List<String> known =
        family == LlamaFamily.PHI3
            ? List.of(DEFAULT)
            : List.of(DEFAULT, "linear", "llama3", "yarn");
    if (old != null && !old.equals(node)) {
      problems.add("rope types %s and %s differ".formatted(node, old));
    } else if (!node.isTextual() || !known.contains(node.textValue())) {
      inner.refuse(
          node == old ? OLD_ROPE_TYPE : ROPE_TYPE,
          node,
          "only " + String.join(", ", known) + (known.size() > 1 ? " are" : " is") + " supported");
    } else {
      return node.textValue();
    }
    return null;
  }

  private RopeScaling scaling(String type, JsonFields inner) {
    return switch (type) {
      case "linear" -> new RopeScaling.Linear(inner.requiredNumber(FACTOR));
      case "llama3" -> llama3(inner);
      case "yarn" -> yarn(inner);
      default -> new RopeScaling.None();
    };
  }

  private RopeScaling llama3(JsonFields inner) {
    double factor = inner.requiredNumber(FACTOR);
    double low = inner.requiredNumber("low_freq_factor");
    double high = inner.requiredNumber("high_freq_factor");
    if (high <= low) {
      problems.add("high_freq_factor %s is not above low_freq_factor %s".formatted(high, low));
    }
    return new RopeScaling.Llama3(
        factor, low, high, inner.positiveInt(ORIGINAL_POSITIONS, maxPositions));
  }

  private RopeScaling yarn(JsonFields inner) {
    int context = inner.positiveInt(ORIGINAL_POSITIONS, maxPositions);
    double factor = inner.positiveNumber(FACTOR, (double) maxPositions / context);
    double fast = inner.positiveNumber("beta_fast", 32);
    double slow = inner.positiveNumber("beta_slow", 1);
    return new RopeScaling.Yarn(
        factor,
        attentionFactor(inner, factor),
        fast,
        slow,
        context,
        inner.flag("truncate", true) ? RopeScaling.Yarn.Edges.WHOLE : RopeScaling.Yarn.Edges.EXACT);
  }

  private static double attentionFactor(JsonFields inner, double factor) {
    double weight = inner.positiveNumber("mscale", 1);
    double weightOfAll = inner.positiveNumber("mscale_all_dim", 1);
    boolean both = inner.value("mscale").isPresent() && inner.value("mscale_all_dim").isPresent();
    double computed =
        both
            ? RopeScaling.Yarn.attentionFactor(factor, weight)
                / RopeScaling.Yarn.attentionFactor(factor, weightOfAll)
            : RopeScaling.Yarn.attentionFactor(factor, 1);
    return inner.positiveNumber("attention_factor", computed);
  }
}
