package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.Adapter;
import io.github.sparklorafa.nn.Parameters;
import java.io.Serializable;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The shape of a model, with Hugging Face's names: all that is known of it without its weights. */
public interface ModelConfig extends Serializable {
  /** Tokens that rows are cut to where nobody says otherwise and the model reads as many. */
  int USUAL_LENGTH = 512;

  /** Hugging Face's {@code model_type}, or that of the architecture that it is a variant of. */
  String modelType();

  /** Token ids. */
  int vocabSize();

  /** The most tokens of one input. */
  int maxPositionEmbeddings();

  /** Tokens that rows are cut to where nobody says otherwise. */
  default int usualLength() {
    return Math.min(USUAL_LENGTH, maxPositionEmbeddings());
  }

  /** Whether each position has a vector of its own, so that there are none beyond the last. */
  default boolean learnsPositions() {
    return false;
  }

  /**
   * How many kinds of tokens it is told: 2 or more where it tells the second text of a pair from
   * the first, 1 where it takes them alike, 0 where it has no word for it.
   */
  default int tokenTypes() {
    return 0;
  }

  /** What it is asked to learn. */
  Objective objective();

  /**
   * The same with another head.
   *
   * @throws IllegalArgumentException if the architecture has none for it
   */
  ModelConfig with(Objective objective);

  /**
   * The same as the tensors of a checkpoint say it, where they know better: some hold a head of
   * their own although their configuration calls it tied.
   */
  default ModelConfig storedWith(Set<String> tensors) {
    return this;
  }

  /**
   * What the tensors of a checkpoint are called here, by the names that they have there, as far as
   * these differ: names of old, or without the prefix of the whole model.
   */
  default Map<String, String> renamed(Set<String> stored) {
    return Map.of();
  }

  /** What Hugging Face calls some of {@link #tensors} too, and in adapters stores a second time. */
  default Map<String, String> secondNames() {
    return Map.of();
  }

  /** Shapes of the tensors that its checkpoint must hold, by name; a tied head is none. */
  Map<String, long[]> tensors();

  /**
   * Those of {@link #tensors} that a checkpoint may lack: they are a head that is to be learned.
   */
  Set<String> newTensors();

  /** Whether a tensor beyond {@link #tensors} is read over. */
  boolean mayBeSurplus(String tensor);

  /**
   * The linear layers that an adapter may stand in, by their full names, in the order of the
   * forward pass: all but the output head.
   */
  Map<String, LinearShape> linearLayers();

  /**
   * The weights of those of {@link #linearLayers} that are no part of a head: frozen, they may be
   * held in few bits, as QLoRA does.
   */
  default Set<String> packableWeights() {
    return linearLayers().keySet().stream()
        .map(module -> module + ".weight")
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Hugging Face's class for the architecture with the objective's head; empty where there is only
   * one head, so that the checkpoint has it already.
   */
  default Optional<String> architecture() {
    return Optional.empty();
  }

  /** The head, if it is the embedding. */
  Optional<TiedHead> tiedHead();

  /**
   * The model, its weights read from {@code parameters}, with {@code adapter} in the place of its
   * linear layers.
   *
   * @throws IllegalArgumentException if a weight is missing or has another shape
   */
  Model build(Parameters parameters, Adapter adapter);
}
