/**
 * Prediction with a checkpoint and an adapter, on one thread and without Spark.
 *
 * <pre>{@code
 * try (AdaptedModel adapted = AdaptedModel.open(folder, Optional.of(adapter), DType.FP32);
 *     TextTokenizer tokenizer = TextTokenizer.open(folder)) {
 *   String answer = new Generator(adapted.model(), tokenizer).complete("Why is the sky blue?", 64);
 * }
 * }</pre>
 */
package io.github.sparklorafa.infer;
