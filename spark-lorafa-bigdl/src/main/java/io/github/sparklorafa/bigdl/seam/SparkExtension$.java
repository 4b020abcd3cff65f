package io.github.sparklorafa.bigdl.seam;

/** Makes block names. */
public final class SparkExtension$ {
  public static final SparkExtension$ MODULE$ = new SparkExtension$();

  private SparkExtension$() {}

  public BlockId getLocalBlockId(String name) {
    return new BlockId(name);
  }
}
