package io.github.sparklorafa.nn;

import org.bytedeco.pytorch.Tensor;

/**
 * Gradients {@code [queries, heads · headDim]} of q and {@code [keys, keyValueHeads · headDim]} of
 * k and v; q and k null if not owed.
 */
public record AttentionGradients(Tensor query, Tensor key, Tensor value) {}
