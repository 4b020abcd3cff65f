package io.github.sparklorafa.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.model.T5Config;
import io.github.sparklorafa.model.T5Config.FeedForward;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class T5ConfigParserTest {
  private static final String T5_SMALL =
      """
      {"architectures": ["T5WithLMHeadModel"], "d_ff": 2048, "d_kv": 64, "d_model": 512,
       "decoder_start_token_id": 0, "dropout_rate": 0.1, "eos_token_id": 1,
       "initializer_factor": 1.0, "is_encoder_decoder": true, "layer_norm_epsilon": 1e-06,
       "model_type": "t5", "n_positions": 512, "num_heads": 8, "num_layers": 6,
       "output_past": true, "pad_token_id": 0, "relative_attention_num_buckets": 32,
       "task_specific_params": {"summarization": {"num_beams": 4}}, "use_cache": true,
       "vocab_size": 32128}
      """;

  private static final String FLAN_T5_SMALL =
      """
      {"architectures": ["T5ForConditionalGeneration"], "d_ff": 1024, "d_kv": 64, "d_model": 512,
       "decoder_start_token_id": 0, "dropout_rate": 0.1, "eos_token_id": 1,
       "feed_forward_proj": "gated-gelu", "initializer_factor": 1.0, "is_encoder_decoder": true,
       "layer_norm_epsilon": 1e-06, "model_type": "t5", "n_positions": 512,
       "num_decoder_layers": 8, "num_heads": 6, "num_layers": 8, "output_past": true,
       "pad_token_id": 0, "relative_attention_max_distance": 128,
       "relative_attention_num_buckets": 32, "tie_word_embeddings": false,
       "transformers_version": "4.23.1", "use_cache": true, "vocab_size": 32128}
      """;

  private static final String MT5_SMALL =
      """
      {"_name_or_path": "/home/patrick/t5/mt5-small", "architectures": ["MT5ForConditionalGeneration"],
       "d_ff": 1024, "d_kv": 64, "d_model": 512, "decoder_start_token_id": 0, "dropout_rate": 0.1,
       "eos_token_id": 1, "feed_forward_proj": "gated-gelu", "initializer_factor": 1.0,
       "is_encoder_decoder": true, "layer_norm_epsilon": 1e-06, "model_type": "mt5",
       "num_decoder_layers": 8, "num_heads": 6, "num_layers": 8, "pad_token_id": 0,
       "relative_attention_num_buckets": 32, "tie_word_embeddings": false,
       "tokenizer_class": "T5Tokenizer", "vocab_size": 250112}
      """;

  private static final T5Config SMALL =
      new T5Config(
          32_128, 512, 64, 2048, 6, 6, 8, 32, 128, 1e-6, FeedForward.RELU, true, true, 0, 0);

  private static T5Config gated(int vocabulary) {
    return new T5Config(
        vocabulary,
        512,
        64,
        1024,
        8,
        8,
        6,
        32,
        128,
        1e-6,
        FeedForward.GATED_GELU,
        false,
        false,
        0,
        0);
  }

  @Test
  void readsT5Small() {
    assertThat(ModelConfigParser.fromJson(T5_SMALL)).isEqualTo(SMALL);
  }

  @Test
  void readsFlanT5Small() {
    assertThat(ModelConfigParser.fromJson(FLAN_T5_SMALL)).isEqualTo(gated(32_128));
  }

  @Test
  void readsMt5Small() {
    assertThat(ModelConfigParser.fromJson(MT5_SMALL)).isEqualTo(gated(250_112));
  }

  @Test
  void defaultsAreThoseOfTransformers() {
    assertThat(ModelConfigParser.fromJson("{\"model_type\": \"t5\"}")).isEqualTo(SMALL);
    T5Config mt5 = (T5Config) ModelConfigParser.fromJson("{\"model_type\": \"mt5\"}");
    assertThat(mt5.storedWith(Set.of("lm_head.weight"))).isEqualTo(gated(250_112));
  }

  /** transformers 5 calls the head tied and writes it all the same. */
  @Test
  void theHeadIsItsOwnWhereTheFileHasOne() throws IOException {
    T5Config config =
        (T5Config)
            ModelConfigParser.fromJson(Files.readString(Reference.path("t5-gated/config.json")));
    assertThat(config.tieWordEmbeddings()).isTrue();
    assertThat(config.scaleDecoderOutputs()).isFalse();
    assertThat(config.tiedHead()).isPresent();
    T5Config stored = config.storedWith(Set.of("shared.weight", "lm_head.weight"));
    assertThat(stored.tiedHead()).isEmpty();
    assertThat(stored.scaleDecoderOutputs()).isFalse();
    assertThat(stored.tensors()).containsKey("lm_head.weight");
    assertThat(config.tensors()).doesNotContainKey("lm_head.weight");
    assertThat(SMALL.storedWith(Set.of("shared.weight"))).isEqualTo(SMALL);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"feed_forward_proj\": \"gated-silu\"|feed_forward_proj is \"gated-silu\" (only relu and"
            + " gated-gelu are supported)",
        "\"dense_act_fn\": \"gelu\"|dense_act_fn is \"gelu\" (only relu is supported)",
        "\"is_decoder\": true|is_decoder is true (only false is supported)",
        "\"is_encoder_decoder\": false|is_encoder_decoder is false (only true is supported)",
        "\"architectures\": [\"T5EncoderModel\"]|architectures is [\"T5EncoderModel\"] (only"
            + " T5ForConditionalGeneration is supported)",
        "\"num_layers\": 0|num_layers is 0 (a positive integer is needed)",
        "\"decoder_start_token_id\": 32128|decoder_start_token_id 32128 is outside the vocabulary of 32128",
        "\"relative_attention_num_buckets\": 2|relative_attention_num_buckets is 2 (an integer of at"
            + " least 4 is needed)",
        "\"relative_attention_max_distance\": 16|relative_attention_max_distance 16 is not above half"
            + " of the 32 buckets",
        "\"sliding\": 4|sliding is 4 (this key is not known, so it might change what the model"
            + " computes)",
        "\"quantization_config\": {\"bits\": 8}|quantization_config is {\"bits\":8} (this is not"
            + " supported)"
      })
  void refusesByName(String key, String complaint) {
    assertThatThrownBy(() -> ModelConfigParser.fromJson("{\"model_type\": \"t5\", " + key + "}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot use model configuration: config.json")
        .hasMessageEndingWith(complaint);
  }

  @Test
  void readsOverTheOlderNamesOfTheEmbedding() {
    assertThat(SMALL.mayBeSurplus("encoder.embed_tokens.weight")).isTrue();
    assertThat(SMALL.mayBeSurplus("decoder.embed_tokens.weight")).isTrue();
    assertThat(SMALL.mayBeSurplus("encoder.embed_tokens.bias")).isFalse();
    assertThat(SMALL.linearLayers()).hasSize(6 * 6 + 6 * 10);
    assertThat(gated(97).linearLayers()).hasSize(8 * 7 + 8 * 11);
  }

  @Test
  void writesATextForATextAndNothingElse() {
    assertThat(SMALL.with(new Objective.Seq2Seq())).isEqualTo(SMALL);
    assertThatThrownBy(() -> SMALL.with(new Objective.CausalLm()))
        .hasMessage("Cannot use task: causal-lm with a T5 (use seq2seq, or another checkpoint)");
  }
}
