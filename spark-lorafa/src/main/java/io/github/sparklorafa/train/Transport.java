package io.github.sparklorafa.train;

/** What carries gradients between workers. */
public enum Transport {
  /** What the settings ask for: {@link #SPARK} where Spark is to be secure, else {@link #GLOO}. */
  AUTO,
  /** Gloo's own connections: the least work for each byte, no authentication, no encryption. */
  GLOO,
  /** Spark's network layer, authenticated and encrypted as Spark's own connections are. */
  SPARK,
  /** Between GPUs. */
  NCCL,
  /** Spark's block manager, and BigDL's all-reduce, which another jar brings. */
  BIGDL,
  /** The same with numbers cut to two bytes, in which they are added up too. */
  BIGDL_FP16;

  public static Transport parse(String text) {
    return Texts.parse(Transport.class, "transport", text);
  }

  /** Whether gradients lie in Spark's block manager. */
  public boolean isOverBlocks() {
    return this == BIGDL || this == BIGDL_FP16;
  }

  public String text() {
    return Texts.of(this);
  }
}
