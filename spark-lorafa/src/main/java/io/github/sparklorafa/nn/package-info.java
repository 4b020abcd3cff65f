/**
 * Layers with a forward and a backward pass written by hand, side by side, and the {@link
 * io.github.sparklorafa.nn.Tape} that holds what the one keeps for the other.
 *
 * <p>The law of the house: a layer keeps a tensor for the backward pass only if the gradient of
 * something trainable, or its own input gradient, needs it. Before the first step {@code plan} runs
 * once through the model in the order of the forward pass and tells each layer which gradients it
 * owes; below the lowest trainable parameter nothing is kept at all.
 *
 * <p>Activations are {@code [tokens, features]}: the sequences of a micro-batch lie one behind the
 * other ({@link io.github.sparklorafa.nn.Sequences}), so there is no padding, and only attention
 * knows where a sequence ends.
 */
package io.github.sparklorafa.nn;
