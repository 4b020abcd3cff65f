package io.github.sparklorafa.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sparklorafa.model.LinearShape;
import io.github.sparklorafa.model.LlamaConfig;
import io.github.sparklorafa.model.LlamaVariant;
import io.github.sparklorafa.model.LlamaVariant.AttentionBias;
import io.github.sparklorafa.nn.CausalAttention;
import io.github.sparklorafa.nn.Linear;
import io.github.sparklorafa.nn.Rope;
import io.github.sparklorafa.nn.RopeScaling;
import io.github.sparklorafa.nn.RopeScaling.Yarn;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Configurations as they are published, and where the model types differ. */
class LlamaFamilyTest {
  private static final int NONE = CausalAttention.NO_WINDOW;

  private static final String LLAMA_3_2 =
      """
      {"architectures": ["LlamaForCausalLM"], "attention_bias": false, "attention_dropout": 0.0,
       "bos_token_id": 128000, "eos_token_id": 128001, "head_dim": 64, "hidden_act": "silu",
       "hidden_size": 2048, "initializer_range": 0.02, "intermediate_size": 8192,
       "max_position_embeddings": 131072, "mlp_bias": false, "model_type": "llama",
       "num_attention_heads": 32, "num_hidden_layers": 16, "num_key_value_heads": 8,
       "pretraining_tp": 1, "rms_norm_eps": 1e-05,
       "rope_scaling": {"factor": 32.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0,
        "original_max_position_embeddings": 8192, "rope_type": "llama3"},
       "rope_theta": 500000.0, "tie_word_embeddings": true, "torch_dtype": "bfloat16",
       "transformers_version": "4.45.0.dev0", "use_cache": true, "vocab_size": 128256}
      """;

  private static final String MISTRAL_7B =
      """
      {"architectures": ["MistralForCausalLM"], "bos_token_id": 1, "eos_token_id": 2,
       "hidden_act": "silu", "hidden_size": 4096, "initializer_range": 0.02,
       "intermediate_size": 14336, "max_position_embeddings": 32768, "model_type": "mistral",
       "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 8,
       "rms_norm_eps": 1e-05, "rope_theta": 10000.0, "sliding_window": 4096,
       "tie_word_embeddings": false, "torch_dtype": "bfloat16",
       "transformers_version": "4.34.0.dev0", "use_cache": true, "vocab_size": 32000}
      """;

  private static final String QWEN2_5 =
      """
      {"architectures": ["Qwen2ForCausalLM"], "attention_dropout": 0.0, "bos_token_id": 151643,
       "eos_token_id": 151643, "hidden_act": "silu", "hidden_size": 896,
       "initializer_range": 0.02, "intermediate_size": 4864, "max_position_embeddings": 32768,
       "max_window_layers": 24, "model_type": "qwen2", "num_attention_heads": 14,
       "num_hidden_layers": 24, "num_key_value_heads": 2, "rms_norm_eps": 1e-06,
       "rope_theta": 1000000.0, "sliding_window": 32768, "tie_word_embeddings": true,
       "torch_dtype": "bfloat16", "transformers_version": "4.40.1", "use_cache": true,
       "use_mrope": false, "use_sliding_window": false, "vocab_size": 151936}
      """;

  private static final String QWEN3 =
      """
      {"architectures": ["Qwen3ForCausalLM"], "attention_bias": false, "attention_dropout": 0.0,
       "bos_token_id": 151643, "eos_token_id": 151645, "head_dim": 128, "hidden_act": "silu",
       "hidden_size": 1024, "initializer_range": 0.02, "intermediate_size": 3072,
       "max_position_embeddings": 40960, "max_window_layers": 28, "model_type": "qwen3",
       "num_attention_heads": 16, "num_hidden_layers": 28, "num_key_value_heads": 8,
       "rms_norm_eps": 1e-06, "rope_scaling": null, "rope_theta": 1000000,
       "sliding_window": null, "tie_word_embeddings": true, "torch_dtype": "bfloat16",
       "transformers_version": "4.51.0", "use_cache": true, "use_sliding_window": false,
       "vocab_size": 151936}
      """;

  private static final String PHI_3_MINI =
      """
      {"_name_or_path": "Phi-3-mini-4k-instruct", "architectures": ["Phi3ForCausalLM"],
       "attention_bias": false, "attention_dropout": 0.0,
       "auto_map": {"AutoConfig": "configuration_phi3.Phi3Config",
        "AutoModelForCausalLM": "modeling_phi3.Phi3ForCausalLM"},
       "bos_token_id": 1, "embd_pdrop": 0.0, "eos_token_id": 32000, "hidden_act": "silu",
       "hidden_size": 3072, "initializer_range": 0.02, "intermediate_size": 8192,
       "max_position_embeddings": 4096, "model_type": "phi3", "num_attention_heads": 32,
       "num_hidden_layers": 32, "num_key_value_heads": 32,
       "original_max_position_embeddings": 4096, "pad_token_id": 32000, "resid_pdrop": 0.0,
       "rms_norm_eps": 1e-05, "rope_scaling": null, "rope_theta": 10000.0,
       "sliding_window": 2047, "tie_word_embeddings": false, "torch_dtype": "bfloat16",
       "transformers_version": "4.40.2", "use_cache": true, "vocab_size": 32064}
      """;

  @Test
  void readsLlama32() {
    assertThat(LlamaConfigParser.fromJson(LLAMA_3_2))
        .isEqualTo(
            new LlamaConfig(128256, 2048, 8192, 16, 32, 8, 64, 1e-5, 5e5, true, 131072)
                .with(new Rope(64, 5e5, new RopeScaling.Llama3(32, 1, 4, 8192))));
  }

  @Test
  void readsMistral() {
    LlamaVariant windows = LlamaVariant.PLAIN.withWindows(Collections.nCopies(32, 4096));
    assertThat(LlamaConfigParser.fromJson(MISTRAL_7B))
        .isEqualTo(
            new LlamaConfig(32000, 4096, 14336, 32, 32, 8, 128, 1e-5, 1e4, false, 32768)
                .with(windows));
  }

  @Test
  void readsQwen25() {
    LlamaConfig config = LlamaConfigParser.fromJson(QWEN2_5);
    assertThat(config.variant().attentionBias()).isEqualTo(AttentionBias.INPUTS);
    assertThat(config.variant().windows()).isEmpty();
    assertThat(config.linears())
        .containsEntry("self_attn.k_proj", new LinearShape(128, 896, Linear.Bias.YES))
        .containsEntry("self_attn.o_proj", new LinearShape(896, 896, Linear.Bias.NO));
  }

  @Test
  void readsQwen3() {
    LlamaConfig config = LlamaConfigParser.fromJson(QWEN3);
    assertThat(config.variant().normsQueriesAndKeys()).isTrue();
    assertThat(config.variant().attentionBias()).isEqualTo(AttentionBias.NONE);
    assertThat(config.headDim()).isEqualTo(128);
    assertThat(config.queryWidth()).isEqualTo(2048);
  }

  @Test
  void readsPhi3() {
    LlamaConfig config = LlamaConfigParser.fromJson(PHI_3_MINI);
    assertThat(config.linears().keySet())
        .containsExactly(
            "self_attn.qkv_proj", "self_attn.o_proj", "mlp.gate_up_proj", "mlp.down_proj");
    assertThat(config.variant().window(31)).isEqualTo(2047);
    assertThat(config.rope()).isEqualTo(new Rope(96, 1e4));
  }

  /** As transformers 5 writes it. */
  @Test
  void readsWhatTransformersWrote() throws IOException {
    assertThat(fixture("qwen2").variant().windows()).containsExactly(NONE, 5);
    assertThat(fixture("qwen3").variant().windows()).containsExactly(4, NONE);
    assertThat(fixture("phi3").rope()).isEqualTo(new Rope(6, 3000));
    assertThat(fixture("llama-bias").variant().attentionBias()).isEqualTo(AttentionBias.ALL);
    assertThat(fixture("llama-bias").variant().mlpBias()).isEqualTo(Linear.Bias.YES);
  }

  private static LlamaConfig fixture(String name) throws IOException {
    return LlamaConfigParser.fromJson(Files.readString(Reference.path(name + "/config.json")));
  }

  @ParameterizedTest
  @CsvSource({
    "mistral, 32000, 4096, 14336, 8, 128, 1e-6, 131072",
    "qwen2, 151936, 4096, 22016, 32, 128, 1e-6, 32768",
    "qwen3, 151936, 4096, 22016, 32, 128, 1e-6, 32768",
    "phi3, 32064, 3072, 8192, 32, 96, 1e-5, 4096"
  })
  void defaultsAreHuggingFaces(
      String type,
      int vocabulary,
      int hidden,
      int wide,
      int keyValueHeads,
      int headDim,
      double epsilon,
      int positions) {
    LlamaConfig config = of(type, "\"use_cache\": true");
    assertThat(config.vocabSize()).isEqualTo(vocabulary);
    assertThat(config.hiddenSize()).isEqualTo(hidden);
    assertThat(config.intermediateSize()).isEqualTo(wide);
    assertThat(config.numHiddenLayers()).isEqualTo(32);
    assertThat(config.numAttentionHeads()).isEqualTo(32);
    assertThat(config.numKeyValueHeads()).isEqualTo(keyValueHeads);
    assertThat(config.headDim()).isEqualTo(headDim);
    assertThat(config.rmsNormEps()).isEqualTo(epsilon);
    assertThat(config.maxPositionEmbeddings()).isEqualTo(positions);
    assertThat(config.variant().window(0)).isEqualTo(type.equals("mistral") ? 4096 : NONE);
  }

  @Test
  void oneWideHeadIsAllowed() {
    LlamaConfig config = of("llama", "\"hidden_size\": 1048576, \"num_attention_heads\": 1");
    assertThat(config.headDim()).isEqualTo(1 << 20);
  }

  /** Null is not the default where transformers makes a difference. */
  @Test
  void nullSwitchesOff() {
    LlamaConfig config = of("mistral", "\"sliding_window\": null, \"num_key_value_heads\": null");
    assertThat(config.variant()).isEqualTo(LlamaVariant.PLAIN);
    assertThat(config.numKeyValueHeads()).isEqualTo(32);
    assertThat(of("qwen2", "\"use_sliding_window\": true, \"sliding_window\": null").variant())
        .isEqualTo(of("qwen2", "\"use_sliding_window\": false").variant());
  }

  @Test
  void layersFromMaxWindowLayersOnHaveTheWindow() {
    List<Integer> windows =
        of("qwen3", "\"use_sliding_window\": true, \"max_window_layers\": 30").variant().windows();
    assertThat(windows.subList(0, 30)).containsOnly(NONE);
    assertThat(windows.subList(30, 32)).containsOnly(4096);
    assertThat(
            of("qwen2", "\"use_sliding_window\": true, \"max_window_layers\": 0")
                .variant()
                .windows())
        .containsOnly(4096);
  }

  @Test
  void readsYarnInBothSpellings() {
    Yarn expected = new Yarn(4, 0.1 * Math.log(4) + 1, 32, 1, 32768, Yarn.Edges.WHOLE);
    assertThat(
            of(
                    "qwen2",
                    "\"rope_theta\": 1e6, \"rope_scaling\": {\"type\": \"yarn\", \"factor\": 4.0,"
                        + " \"original_max_position_embeddings\": 32768}")
                .rope())
        .isEqualTo(new Rope(128, 1e6, expected));
    assertThat(
            of(
                    "qwen3",
                    "\"rope_parameters\": {\"rope_theta\": 1e6, \"rope_type\": \"yarn\","
                        + " \"factor\": 4.0}")
                .rope())
        .isEqualTo(new Rope(128, 1e6, expected));
  }

  /** The ratio of the contexts stands in for a factor that is null. */
  @Test
  void yarnTakesItsFactorFromTheContexts() {
    Rope rope =
        of(
                "llama",
                "\"max_position_embeddings\": 4096, \"rope_scaling\": {\"type\": \"yarn\","
                    + " \"factor\": null, \"original_max_position_embeddings\": 1024}")
            .rope();
    assertThat(((Yarn) rope.scaling()).factor()).isCloseTo(4, within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mistral| \"layer_types\": [\"sliding_attention\", \"sliding_attention\"]",
        "qwen2| \"attention_bias\": true",
        "qwen3| \"layer_types\": null, \"head_dim\": null",
        "phi3| \"rope_scaling\": {}, \"partial_rotary_factor\": 0.75",
        "phi3| \"rope_parameters\": {\"rope_type\": \"default\", \"partial_rotary_factor\": 0.5}"
      })
  void acceptsWhatTransformersDoes(String typeAndJson) {
    String[] parts = typeAndJson.split("\\|", 2);
    assertThat(of(parts[0], parts[1]).numHiddenLayers()).isEqualTo(32);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "mistral | \"attention_bias\": true | attention_bias is true (only false is supported)",
        "mistral | \"layer_types\": [\"full_attention\"] | (only sliding_attention is supported)",
        "mistral | \"sliding_window\": 0 | sliding_window is 0 (a positive integer is needed)",
        "mistral | \"architectures\": [\"LlamaForCausalLM\"] | only MistralForCausalLM is",
        "mistral | \"auto_map\": {\"AutoModel\": \"m.M\"} | auto_map is",
        "qwen2 | \"use_mrope\": true | use_mrope is true (only false is supported)",
        "qwen2 | \"attention_bias\": false | attention_bias is false (only true is supported)",
        "qwen2 | \"max_window_layers\": -1 | max_window_layers is -1 (an integer of at least 0",
        "qwen2 | \"layer_types\": [\"sliding_attention\"] | without use_sliding_window and",
        "qwen3 | \"use_sliding_window\": true, \"layer_types\": [\"chunked_attention\"] | only"
            + " full_attention and sliding_attention are supported",
        "qwen3 | \"layer_types\": [\"full_attention\"] | layer_types has 1 entries for 32 layers",
        "qwen3 | \"mlp_bias\": true | mlp_bias is true (only false is supported)",
        "phi3 | \"resid_pdrop\": 0.1 | resid_pdrop is 0.1 (only 0 is supported)",
        "phi3 | \"rope_scaling\": {\"type\": \"longrope\", \"short_factor\": [1], \"long_factor\":"
            + " [1]} | rope_scaling.type is \"longrope\" (only default is supported)",
        "phi3 | \"rope_scaling\": {\"type\": \"yarn\", \"factor\": 2} | rope_scaling.type is \"yarn\"",
        "phi3 | \"partial_rotary_factor\": 0.52 | an even part of head_dim 96 is needed",
        "qwen2 | \"partial_rotary_factor\": 0.5 | partial_rotary_factor is 0.5 (only 1 is supported)"
      })
  void refusesByName(String type, String json, String complaint) {
    assertThatThrownBy(() -> of(type, json))
        .hasMessageStartingWith("Cannot use model configuration: config.json (")
        .hasMessageContaining(complaint);
  }

  private static LlamaConfig of(String type, String json) {
    return LlamaConfigParser.fromJson("{\"model_type\": \"" + type + "\", " + json + "}");
  }
}
