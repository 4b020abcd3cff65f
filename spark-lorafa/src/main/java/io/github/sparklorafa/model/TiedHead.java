package io.github.sparklorafa.model;

/**
 * An output head that is the embedding, unless only one of the two is trained.
 *
 * @param embedding name of the tensor that both are
 * @param head name that the head has where they part
 */
public record TiedHead(String embedding, String head) {}
