package io.github.sparklorafa.checkpoint;

import java.util.List;

/** Keys of a {@code config.json} that mean the same for every {@code model_type}. */
final class CommonKeys {
  /** Features that an absent, null, false or empty value switches off. */
  static final List<String> OFF =
      List.of(
          "add_cross_attention",
          "auto_map",
          "compression_config",
          "pruned_heads",
          "quantization_config",
          "tie_encoder_decoder");

  /** What changes nothing in the logits, gradients or names of a model. */
  static final List<String> HARMLESS =
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

  private CommonKeys() {}
}
