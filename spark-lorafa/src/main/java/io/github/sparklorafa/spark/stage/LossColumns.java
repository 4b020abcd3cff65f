package io.github.sparklorafa.spark.stage;

import java.io.Serializable;
import java.util.List;

/**
 * The columns that measuring adds; an empty name adds none.
 *
 * @param loss mean loss of a row's tokens, in nats
 * @param perplexity its exponential
 * @param tokens how many tokens the loss was measured on
 * @param problem why a row has no loss
 */
public record LossColumns(String loss, String perplexity, String tokens, String problem)
    implements Serializable {
  /** Their names, in order. */
  List<String> names() {
    return List.of(loss, perplexity, tokens, problem);
  }

  /** Whether there is nothing to measure. */
  public boolean none() {
    return names().stream().allMatch(String::isEmpty);
  }
}
