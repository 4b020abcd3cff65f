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
  NCCL;

  public static Transport parse(String text) {
    return Texts.parse(Transport.class, "transport", text);
  }

  public String text() {
    return Texts.of(this);
  }
}
