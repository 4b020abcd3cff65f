/**
 * BigDL 0.13.0 behind spark-lorafa's own interfaces: its all-reduce as a {@link
 * io.github.sparklorafa.spark.transport.BlockSum}.
 *
 * <p>All of it is found by {@link java.util.ServiceLoader}; nothing else of this jar is for others.
 */
package io.github.sparklorafa.bigdl;
