package io.github.sparklorafa.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.model.RobertaConfig;
import io.github.sparklorafa.model.RobertaFamily;
import io.github.sparklorafa.nn.Gelu;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RobertaConfigParserTest {
  private static RobertaConfig parse(String type, String keys) {
    String rest = keys.isEmpty() ? "" : ", " + keys;
    return (RobertaConfig)
        ModelConfigParser.fromJson("{\"model_type\": \"%s\"%s}".formatted(type, rest));
  }

  /** As transformers 5.18's configuration classes have it. */
  @ParameterizedTest
  @CsvSource({
    "roberta, ROBERTA, 50265, 1, 510",
    "xlm-roberta, XLM_ROBERTA, 30522, 1, 510",
    "bert, BERT, 30522, 0, 512"
  })
  void absentKeysAreTransformersDefaults(
      String type, RobertaFamily family, int vocabulary, int pad, int longest) {
    RobertaConfig config = parse(type, "");
    Objective.Classification two = new Objective.Classification(2, Objective.Kind.SINGLE_LABEL);
    assertThat(config)
        .isEqualTo(
            new RobertaConfig(
                family,
                vocabulary,
                768,
                3072,
                12,
                12,
                512,
                2,
                1e-12,
                pad,
                Gelu.Form.ERF,
                true,
                two,
                new Objective.MaskedLm()));
    assertThat(config.maxPositionEmbeddings()).isEqualTo(longest);
    assertThat(config.modelType()).isEqualTo(type);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"num_labels\": 3, \"problem_type\": \"multi_label_classification\" | 0 | 3 | MULTI_LABEL",
        "\"num_labels\": 3, \"problem_type\": \"multi_label_classification\" | 5 | 5 | MULTI_LABEL",
        "\"num_labels\": 2, \"problem_type\": \"regression\" | 0 | 2 | REGRESSION",
        "\"num_labels\": 3 | 0 | 3 | SINGLE_LABEL",
        "\"num_labels\": 1 | 0 | 1 | REGRESSION",
        "\"num_labels\": 1 | 4 | 4 | SINGLE_LABEL",
        "\"num_labels\": 3 | 1 | 1 | REGRESSION",
        "\"vocab_size\": 9 | 0 | 2 | SINGLE_LABEL"
      })
  void whatLabelsAreTheCheckpointSaysWhereNobodyElseDoes(
      String keys, int asked, int labels, Objective.Kind kind) {
    RobertaConfig config = parse("bert", keys);
    assertThat(config.with(new Objective.Classification(asked, null)).objective())
        .isEqualTo(new Objective.Classification(labels, kind));
    assertThat(
            config.with(new Objective.Classification(5, Objective.Kind.SINGLE_LABEL)).objective())
        .isEqualTo(new Objective.Classification(5, Objective.Kind.SINGLE_LABEL));
  }

  /** What {@code roberta-base} has on the hub, and what fine-tuned ones add. */
  @Test
  void readsWhatTheHubHas() {
    RobertaConfig config =
        parse(
            "roberta",
            """
            "architectures": ["RobertaForSequenceClassification"], "attention_probs_dropout_prob": 0.1,
            "bos_token_id": 0, "eos_token_id": 2, "hidden_act": "gelu_new", "hidden_dropout_prob": 0.1,
            "hidden_size": 32, "initializer_range": 0.02, "intermediate_size": 64, "layer_norm_eps": 1e-05,
            "max_position_embeddings": 514, "num_attention_heads": 4, "num_hidden_layers": 3,
            "pad_token_id": 1, "type_vocab_size": 1, "vocab_size": 100, "classifier_dropout": null,
            "position_embedding_type": "absolute", "use_cache": true, "transformers_version": "4.30.0",
            "id2label": {"0": "sad", "1": "glad", "2": "neither"}, "label2id": {"sad": 0},
            "gradient_checkpointing": false, "problem_type": "multi_label_classification"
            """);
    Objective.Classification three = new Objective.Classification(3, Objective.Kind.MULTI_LABEL);
    assertThat(config.objective()).isEqualTo(three);
    assertThat(config.maxPositionEmbeddings()).isEqualTo(512);
    assertThat(config.hiddenAct()).isEqualTo(Gelu.Form.TANH);
    assertThat(config.typeVocabSize()).isEqualTo(1);
    assertThat(config.with(new Objective.MaskedLm()).objective())
        .isEqualTo(new Objective.MaskedLm());
    assertThat(
            config.with(new Objective.Classification(0, Objective.Kind.SINGLE_LABEL)).objective())
        .isEqualTo(new Objective.Classification(3, Objective.Kind.SINGLE_LABEL));
  }

  @Test
  void oneLabelAloneIsARegression() {
    RobertaConfig config =
        parse(
            "xlm-roberta",
            "\"architectures\": [\"XLMRobertaForSequenceClassification\"], \"num_labels\": 1");
    assertThat(config.objective())
        .isEqualTo(new Objective.Classification(1, Objective.Kind.REGRESSION));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "roberta | \"hidden_act\": \"relu\" | hidden_act is \"relu\" (only gelu, gelu_new and gelu_pytorch_tanh are supported)",
        "roberta | \"position_embedding_type\": \"relative_key\" | position_embedding_type is \"relative_key\" (only absolute is supported)",
        "roberta | \"is_decoder\": true | is_decoder is true (only false is supported)",
        "bert | \"add_cross_attention\": true | add_cross_attention is true (this is not supported)",
        "roberta | \"hidden_size\": 30 | hidden_size 30 is not a multiple of num_attention_heads 12",
        "roberta | \"pad_token_id\": null | pad_token_id is null, so positions begin nowhere",
        "roberta | \"pad_token_id\": 50265 | pad_token_id 50265 is not below vocab_size 50265",
        "roberta | \"max_position_embeddings\": 2 | max_position_embeddings 2 leaves no position after pad_token_id 1",
        "roberta | \"problem_type\": \"ranking\" | problem_type is \"ranking\"",
        "roberta | \"architectures\": [\"RobertaForQuestionAnswering\"] | architectures is [\"RobertaForQuestionAnswering\"] (only one of RobertaForSequenceClassification, RobertaForMaskedLM, RobertaModel, RobertaForPreTraining is supported)",
        "bert | \"architectures\": [\"RobertaForMaskedLM\"] | only one of BertForSequenceClassification",
        "roberta | \"adapter_size\": 4 | adapter_size is 4 (this key is not known, so it might change what the model computes)"
      })
  void refusesByNameWhatItDoesNotDo(String type, String keys, String message) {
    assertThatThrownBy(() -> parse(type, keys))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void bertWithoutPaddingTokenHasNone() {
    assertThat(parse("bert", "\"pad_token_id\": null").padTokenId()).isEqualTo(-1);
  }

  @Test
  void refusesTasksWithoutHead() {
    RobertaConfig config = parse("roberta", "");
    assertThatThrownBy(() -> config.with(new Objective.CausalLm()))
        .hasMessageContaining("Cannot use task: causal-lm with a checkpoint of model_type roberta");
    assertThatThrownBy(
            () -> config.with(new Objective.Classification(1, Objective.Kind.SINGLE_LABEL)))
        .hasMessageContaining("Cannot classify with one label");
  }
}
