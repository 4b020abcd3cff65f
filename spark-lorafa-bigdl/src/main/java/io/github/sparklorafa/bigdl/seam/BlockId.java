package io.github.sparklorafa.bigdl.seam;

/**
 * The name of a block, as BigDL makes it.
 *
 * @param name the id of an {@code AllReduceParameter}, then what tells its blocks apart
 */
public record BlockId(String name) {
  /** As it stands in BigDL's messages. */
  @Override
  public String toString() {
    return name;
  }
}
