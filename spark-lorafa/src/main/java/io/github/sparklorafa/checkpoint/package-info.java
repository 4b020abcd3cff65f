/**
 * The files that a model lives in: safetensors, Hugging Face's {@code config.json}, PEFT adapters,
 * and the folders on HDFS, S3 or local disk that hold them.
 *
 * <p>Everything read here may come from a stranger. Each reader checks the whole file before it
 * touches native memory and reports all problems in one {@link java.lang.IllegalArgumentException};
 * each writer writes aside and renames, so that a reader never sees half a file.
 *
 * <pre>{@code
 * HuggingFaceFolder base = HuggingFaceFolder.open(Path.of("TinyLlama-1.1B"), DType.BF16);
 * base.checkTensors();
 * Tensor q = base.load("model.layers.0.self_attn.q_proj.weight", 2048, 2048); // mapped, not copied
 * }</pre>
 */
package io.github.sparklorafa.checkpoint;
