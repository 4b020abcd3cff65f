package io.github.sparklorafa.collective;

import io.github.sparklorafa.tensor.NativeFloats;
import io.github.sparklorafa.tensor.Natives;
import org.bytedeco.javacpp.FloatPointer;

/** Native memory of a test, filled with numbers that tell ranks and positions apart. */
final class Floats implements AutoCloseable {
  private final FloatPointer memory;
  private final int count;

  Floats(int count) {
    Natives.ensureLoaded();
    this.count = count;
    this.memory = new FloatPointer(Math.max(1, count));
  }

  /** A number for each position. */
  interface IntToFloat {
    float at(int index);
  }

  static float value(int rank, int index) {
    return (rank + 1) * 0.1f + index % 1013;
  }

  /** The nearest bfloat16, the even one of two, by arithmetic rather than by bits. */
  static float bf16(float value) {
    double unit = Math.scalb(1.0, Math.max(Math.getExponent(value), Float.MIN_EXPONENT) - 7);
    return (float) (Math.rint(value / unit) * unit);
  }

  void fill(int rank) {
    fill(index -> value(rank, index));
  }

  void fill(IntToFloat function) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = function.at(i);
    }
    memory.put(values, 0, count);
  }

  NativeFloats view() {
    return new NativeFloats(memory.address(), count);
  }

  float[] copy() {
    float[] values = new float[count];
    memory.get(values, 0, count);
    return values;
  }

  @Override
  public void close() {
    memory.close();
  }
}
