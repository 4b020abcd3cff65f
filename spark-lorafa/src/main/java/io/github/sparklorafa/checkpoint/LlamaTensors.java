package io.github.sparklorafa.checkpoint;

import io.github.sparklorafa.model.LinearShape;
import io.github.sparklorafa.model.LlamaConfig;
import io.github.sparklorafa.nn.Linear;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Names and shapes that the checkpoint of a LLaMA has, so that a folder can be checked before a
 * model is built.
 */
final class LlamaTensors {
  static final String LM_HEAD = "lm_head.weight";

  /** Buffers that old versions of transformers saved, and that follow from the configuration. */
  private static final Pattern BUFFERS =
      Pattern.compile(
          "model\\.layers\\.\\d+\\.self_attn\\.rotary_emb\\.(inv_freq|cos_cached|sin_cached)");

  private LlamaTensors() {}

  /** The tensors that must be there; a tied head need not be. */
  static Map<String, long[]> required(LlamaConfig config) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    long hidden = config.hiddenSize();
    shapes.put("model.embed_tokens.weight", new long[] {config.vocabSize(), hidden});
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      String layer = "model.layers." + i + ".";
      shapes.put(layer + "input_layernorm.weight", new long[] {hidden});
      config.linears().forEach((name, linear) -> addLinear(layer + name, linear, shapes));
      if (config.variant().normsQueriesAndKeys()) {
        shapes.put(layer + "self_attn.q_norm.weight", new long[] {config.headDim()});
        shapes.put(layer + "self_attn.k_norm.weight", new long[] {config.headDim()});
      }
      shapes.put(layer + "post_attention_layernorm.weight", new long[] {hidden});
    }
    shapes.put("model.norm.weight", new long[] {hidden});
    if (!config.tieWordEmbeddings()) {
      shapes.put(LM_HEAD, new long[] {config.vocabSize(), hidden});
    }
    return shapes;
  }

  private static void addLinear(String name, LinearShape linear, Map<String, long[]> shapes) {
    shapes.put(name + ".weight", new long[] {linear.out(), linear.in()});
    if (linear.bias() == Linear.Bias.YES) {
      shapes.put(name + ".bias", new long[] {linear.out()});
    }
  }

  /** Whether a tensor beyond {@link #required} is read over. */
  static boolean mayBeSurplus(String name, LlamaConfig config) {
    return BUFFERS.matcher(name).matches() || (name.equals(LM_HEAD) && config.tieWordEmbeddings());
  }
}
