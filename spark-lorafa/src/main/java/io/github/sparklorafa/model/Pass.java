package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.KeyValueCache;
import io.github.sparklorafa.nn.RotaryEmbedding;
import io.github.sparklorafa.nn.Sequences;
import java.util.List;

/**
 * What all layers of one pass share: the angles of its positions, where its sequences end, and the
 * caches that they go on from, or null.
 */
record Pass(RotaryEmbedding.Angles angles, Sequences sequences, List<KeyValueCache> caches) {}
