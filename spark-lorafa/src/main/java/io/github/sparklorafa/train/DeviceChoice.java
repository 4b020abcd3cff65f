package io.github.sparklorafa.train;

/** Where to train: {@link #AUTO} takes a GPU where the task was given one and the CPU elsewhere. */
public enum DeviceChoice {
  AUTO,
  CPU,
  CUDA;

  public static DeviceChoice parse(String text) {
    return Texts.parse(DeviceChoice.class, "device", text);
  }

  public String text() {
    return Texts.of(this);
  }
}
