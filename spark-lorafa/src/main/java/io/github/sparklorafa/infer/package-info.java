/**
 * Prediction with a checkpoint and an adapter, on one thread and without Spark.
 *
 * <pre>{@code
 * try (Generator generator = Generator.open(model, Optional.of(adapter), DType.FP32)) {
 *   String answer = generator.complete("Why is the sky blue?", 64);
 * }
 * }</pre>
 */
package io.github.sparklorafa.infer;
