package io.github.sparklorafa.model;

import java.io.Serializable;

/**
 * The shape of a LLaMA, with Hugging Face's names.
 *
 * @param vocabSize token ids
 * @param hiddenSize width of the residual stream
 * @param intermediateSize width of gate and up
 * @param numHiddenLayers layers
 * @param numAttentionHeads query heads
 * @param numKeyValueHeads key and value heads; divides the query heads
 * @param headDim numbers of one head; heads · headDim may differ from the hidden size
 * @param rmsNormEps ε of the norms
 * @param ropeTheta base of the rotary embedding
 * @param tieWordEmbeddings whether the output head is the embedding
 * @param maxPositionEmbeddings the longest sequence that the model was trained on, in tokens
 */
public record LlamaConfig(
    int vocabSize,
    int hiddenSize,
    int intermediateSize,
    int numHiddenLayers,
    int numAttentionHeads,
    int numKeyValueHeads,
    int headDim,
    double rmsNormEps,
    double ropeTheta,
    boolean tieWordEmbeddings,
    int maxPositionEmbeddings)
    implements Serializable {
  /** Width of all query heads together. */
  public int queryWidth() {
    return numAttentionHeads * headDim;
  }

  /** Width of all key heads together, and of all value heads. */
  public int keyValueWidth() {
    return numKeyValueHeads * headDim;
  }
}
