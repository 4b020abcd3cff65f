/**
 * The paper: LoRA-FA (Zhang et al., 2023, arXiv 2308.03303) beside LoRA (Hu et al., 2021, arXiv
 * 2106.09685).
 *
 * <p>{@link io.github.sparklorafa.lora.LoraFaLinear} is the idea in one file. {@link
 * io.github.sparklorafa.lora.LoraInjection} puts it, or {@link
 * io.github.sparklorafa.lora.LoraLinear}, in the place of a model's linear layers by name; the
 * models know nothing of it.
 */
package io.github.sparklorafa.lora;
