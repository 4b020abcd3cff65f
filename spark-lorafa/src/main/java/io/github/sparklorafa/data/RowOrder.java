package io.github.sparklorafa.data;

/** In which order the rows of an epoch are trained on. */
public enum RowOrder {
  /** Another permutation of all rows in each epoch, made from the seed. */
  SHUFFLED,
  /** The data's own order, in each epoch. */
  SEQUENTIAL
}
