package io.github.sparklorafa.train;

/** What the model learns to do. */
public enum Task {
  CAUSAL_LM;

  public static Task parse(String text) {
    return Texts.parse(Task.class, "task", text);
  }

  public String text() {
    return Texts.of(this);
  }
}
