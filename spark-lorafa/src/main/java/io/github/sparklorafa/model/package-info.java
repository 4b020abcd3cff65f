/**
 * Architectures, one a file, in reading order and with Hugging Face's own names. They are built
 * from {@link io.github.sparklorafa.nn.Projection}s and know nothing of adapters.
 */
package io.github.sparklorafa.model;
