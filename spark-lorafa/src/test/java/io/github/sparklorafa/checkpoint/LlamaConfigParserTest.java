package io.github.sparklorafa.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.model.LlamaConfig;
import io.github.sparklorafa.nn.Rope;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LlamaConfigParserTest {
  private static final String TINY_LLAMA =
      """
      {"architectures": ["LlamaForCausalLM"], "attention_bias": false, "bos_token_id": 1,
       "eos_token_id": 2, "hidden_act": "silu", "hidden_size": 2048, "initializer_range": 0.02,
       "intermediate_size": 5632, "max_position_embeddings": 2048, "model_type": "llama",
       "num_attention_heads": 32, "num_hidden_layers": 22, "num_key_value_heads": 4,
       "pretraining_tp": 1, "rms_norm_eps": 1e-05, "rope_scaling": null, "rope_theta": 10000.0,
       "tie_word_embeddings": false, "torch_dtype": "bfloat16", "transformers_version": "4.35.0",
       "use_cache": true, "vocab_size": 32000}
      """;

  private static final String SMOL_LM =
      """
      {"_name_or_path": "x", "architectures": ["LlamaForCausalLM"], "attention_bias": false,
       "attention_dropout": 0.0, "bos_token_id": 1, "eos_token_id": 2, "head_dim": 64,
       "hidden_act": "silu", "hidden_size": 576, "initializer_range": 0.041666666666666664,
       "intermediate_size": 1536, "is_llama_config": true, "max_position_embeddings": 8192,
       "mlp_bias": false, "model_type": "llama", "num_attention_heads": 9,
       "num_hidden_layers": 30, "num_key_value_heads": 3, "pad_token_id": 2, "pretraining_tp": 1,
       "rms_norm_eps": 1e-05, "rope_interleaved": false, "rope_scaling": null,
       "rope_theta": 100000, "tie_word_embeddings": true, "torch_dtype": "bfloat16",
       "transformers.js_config": {"kv_cache_dtype": {"q4f16": "float16", "fp16": "float16"}},
       "transformers_version": "4.47.1", "use_cache": true, "vocab_size": 49152}
      """;

  @Test
  void readsTinyLlama() {
    assertThat(LlamaConfigParser.fromJson(TINY_LLAMA))
        .isEqualTo(new LlamaConfig(32000, 2048, 5632, 22, 32, 4, 64, 1e-5, 10000, false, 2048));
  }

  @Test
  void readsSmolLm() {
    assertThat(LlamaConfigParser.fromJson(SMOL_LM))
        .isEqualTo(new LlamaConfig(49152, 576, 1536, 30, 9, 3, 64, 1e-5, 100000, true, 8192));
  }

  @Test
  void readsWhatTransformersWrote() throws IOException {
    assertThat(
            LlamaConfigParser.fromJson(Files.readString(Reference.path("llama-gqa/config.json"))))
        .isEqualTo(new LlamaConfig(97, 32, 48, 3, 4, 2, 12, 1e-5, 5000, false, 128));
    assertThat(
            LlamaConfigParser.fromJson(Files.readString(Reference.path("llama-tied/config.json"))))
        .isEqualTo(new LlamaConfig(97, 32, 40, 2, 4, 4, 8, 1e-6, 700, true, 64));
  }

  @Test
  void defaultsAreHuggingFaces() {
    assertThat(LlamaConfigParser.fromJson("{\"model_type\": \"llama\"}"))
        .isEqualTo(new LlamaConfig(32000, 4096, 11008, 32, 32, 32, 128, 1e-6, 10000, false, 2048));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"rope_parameters\": {\"rope_type\": \"default\", \"rope_theta\": 700}",
        "\"rope_theta\": 700, \"rope_parameters\": {\"rope_theta\": 700.0}",
        "\"rope_theta\": 700, \"rope_scaling\": {\"type\": \"default\"}",
        "\"rope_theta\": 700, \"rope_scaling\": null, \"rope_parameters\": null"
      })
  void readsTheRotaryBaseWhereverItStands(String json) {
    assertThat(llama(json).rope()).isEqualTo(new Rope(128, 700));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"some_future_key\": null",
        "\"quantization_config\": null",
        "\"sliding_window\": null, \"use_sliding_window\": false",
        "\"layer_types\": [\"full_attention\", \"full_attention\"]",
        "\"partial_rotary_factor\": 1.0",
        "\"attention_dropout\": 0.1",
        "\"pruned_heads\": {}",
        "\"head_dim\": null, \"num_key_value_heads\": null",
        "\"eos_token_id\": [2, 3], \"temperature\": 0.6, \"chunk_size_feed_forward\": 0",
        "\"architectures\": null",
        "\"architectures\": [\"LLaMAForCausalLM\"]"
      })
  void acceptsWhatChangesNothing(String json) {
    assertThat(llama(json).hiddenSize()).isEqualTo(4096);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"attention_bias\": 1 | attention_bias is 1 (true or false is needed)",
        "\"hidden_act\": \"gelu\" | hidden_act is \"gelu\" (only silu is supported)",
        "\"pretraining_tp\": 2 | pretraining_tp is 2 (only 1 is supported)",
        "\"partial_rotary_factor\": 0.5 | partial_rotary_factor is 0.5 (only 1 is supported)",
        "\"rope_interleaved\": true | rope_interleaved is true",
        "\"is_encoder_decoder\": true | is_encoder_decoder is true",
        "\"sliding_window\": 4096 | sliding_window is 4096 (this is not supported)",
        "\"quantization_config\": {\"bits\": 4} | quantization_config is {\"bits\":4}",
        "\"auto_map\": {\"AutoModel\": \"m.M\"} | auto_map is",
        "\"layer_types\": [\"sliding_attention\"] | only full_attention is supported",
        "\"rope_parameters\": {\"partial_rotary_factor\": 0.5} | rope_parameters.partial_rotary",
        "\"rope_scaling\": {\"type\": \"dynamic\", \"factor\": 2} | rope_scaling.type is \"dynamic\""
            + " (only default, linear, llama3, yarn are supported)",
        "\"rope_scaling\": {\"rope_type\": \"longrope\"} | rope_scaling.rope_type is \"longrope\"",
        "\"rope_scaling\": {\"type\": \"linear\"} | rope_scaling.factor is missing",
        "\"rope_scaling\": {\"type\": \"linear\", \"factor\": 0} | rope_scaling.factor is 0 (a positive",
        "\"rope_scaling\": {\"type\": \"linear\", \"factor\": 2, \"beta\": 3} | rope_scaling.beta is 3"
            + " (this key is not known of a rotary embedding of type linear)",
        "\"rope_scaling\": {\"type\": \"linear\", \"rope_type\": \"yarn\"} | rope types \"yarn\" and"
            + " \"linear\" differ",
        "\"rope_scaling\": {\"type\": 3} | rope_scaling.type is 3",
        "\"rope_parameters\": {\"rope_type\": \"llama3\", \"factor\": 8, \"low_freq_factor\": 4,"
            + " \"high_freq_factor\": 1} | high_freq_factor 1.0 is not above low_freq_factor 4.0",
        "\"rope_scaling\": {\"type\": \"linear\", \"factor\": 2}, \"rope_parameters\": {\"rope_type\":"
            + " \"linear\", \"factor\": 3} | rope_scaling and rope_parameters differ",
        "\"num_hidden_layers\": 2000000000 | num_hidden_layers is 2000000000 (at most 10000 is",
        "\"rope_parameters\": [1] | rope_parameters is [1] (an object is needed)",
        "\"rope_theta\": 7, \"rope_parameters\": {\"rope_theta\": 8} | rope_theta 7.0 and",
        "\"rope_theta\": -1 | rope_theta is -1 (a positive number is needed)",
        "\"hidden_size\": 4096.5 | hidden_size is 4096.5 (a positive integer is needed)",
        "\"vocab_size\": 99999999999 | vocab_size is 99999999999 (a positive integer",
        "\"num_hidden_layers\": 0 | num_hidden_layers is 0",
        "\"rms_norm_eps\": \"1e-5\" | rms_norm_eps is \"1e-5\" (a positive number is needed)",
        "\"tie_word_embeddings\": 1 | tie_word_embeddings is 1 (true or false is needed)",
        "\"num_attention_heads\": 7 | hidden_size 4096 is not a multiple of num_attention_heads 7",
        "\"num_key_value_heads\": 5 | num_attention_heads 32 is not a multiple",
        "\"head_dim\": 63 | head_dim 63 is odd",
        "\"num_local_experts\": 8 | num_local_experts is 8 (this key is not known",
        "\"vocab_size\": 5, \"vocab_size\": 6 | it is not valid JSON: Duplicate field 'vocab_size'",
        "\"architectures\": [\"LlamaForSequenceClassification\"] | only LlamaForCausalLM",
      })
  void refusesByName(String json, String complaint) {
    assertThatThrownBy(() -> llama(json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot use model configuration: config.json (")
        .hasMessageContaining(complaint);
  }

  @Test
  void refusesOtherArchitectures() {
    assertThatThrownBy(
            () -> LlamaConfigParser.fromJson("{\"model_type\": \"gpt2\", \"n_embd\": 768}"))
        .hasMessageContaining(
            "model_type is \"gpt2\" (only llama, mistral, qwen2, qwen3, phi3, t5, mt5, roberta, xlm-roberta,"
                + " bert are supported)");
    assertThatThrownBy(() -> LlamaConfigParser.fromJson("{}"))
        .hasMessageContaining("model_type is missing");
    assertThatThrownBy(() -> LlamaConfigParser.fromJson("[]"))
        .hasMessageContaining("it is not a JSON object");
    assertThatThrownBy(() -> LlamaConfigParser.fromJson("{\"a\":".repeat(10_000)))
        .hasMessageContaining("nesting depth");
  }

  @Test
  void reportsEverythingAtOnce() {
    assertThatThrownBy(
            () -> llama("\"attention_bias\": 1, \"hidden_size\": -1, \"moe\": {\"n\": 8}"))
        .hasMessageContaining("3 problems")
        .hasMessageContaining("\n  - attention_bias is 1")
        .hasMessageContaining("\n  - hidden_size is -1")
        .hasMessageContaining("\n  - moe is {\"n\":8}");
  }

  private static LlamaConfig llama(String json) {
    return LlamaConfigParser.fromJson("{\"model_type\": \"llama\", " + json + "}");
  }
}
