package io.github.sparklorafa.checkpoint;

import io.github.sparklorafa.model.LlamaConfig;
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
    long wide = config.intermediateSize();
    long queries = (long) config.numAttentionHeads() * config.headDim();
    long keys = (long) config.numKeyValueHeads() * config.headDim();
    shapes.put("model.embed_tokens.weight", new long[] {config.vocabSize(), hidden});
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      String layer = "model.layers." + i + ".";
      shapes.put(layer + "input_layernorm.weight", new long[] {hidden});
      shapes.put(layer + "self_attn.q_proj.weight", new long[] {queries, hidden});
      shapes.put(layer + "self_attn.k_proj.weight", new long[] {keys, hidden});
      shapes.put(layer + "self_attn.v_proj.weight", new long[] {keys, hidden});
      shapes.put(layer + "self_attn.o_proj.weight", new long[] {hidden, queries});
      shapes.put(layer + "post_attention_layernorm.weight", new long[] {hidden});
      shapes.put(layer + "mlp.gate_proj.weight", new long[] {wide, hidden});
      shapes.put(layer + "mlp.up_proj.weight", new long[] {wide, hidden});
      shapes.put(layer + "mlp.down_proj.weight", new long[] {hidden, wide});
    }
    shapes.put("model.norm.weight", new long[] {hidden});
    if (!config.tieWordEmbeddings()) {
      shapes.put(LM_HEAD, new long[] {config.vocabSize(), hidden});
    }
    return shapes;
  }

  /** Whether a tensor beyond {@link #required} is read over. */
  static boolean mayBeSurplus(String name, LlamaConfig config) {
    return BUFFERS.matcher(name).matches() || (name.equals(LM_HEAD) && config.tieWordEmbeddings());
  }
}
