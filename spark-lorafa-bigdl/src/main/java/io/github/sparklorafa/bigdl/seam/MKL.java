package io.github.sparklorafa.bigdl.seam;

/**
 * The vector functions of Intel MKL that BigDL's tensors call, as plain loops, which the JVM turns
 * into vector instructions too. So no native library of 100 MB is needed beside libtorch, whose own
 * one it would meet. The matrix products of MKL are not here: no optimizer needs them.
 */
public final class MKL {
  private MKL() {}

  public static boolean isMKLLoaded() {
    return true;
  }

  public static int getMklNumThreads() {
    return 1;
  }

  public static void setNumThreads(int threads) {}

  public static void vsAdd(
      int n, float[] a, int aStart, float[] b, int bStart, float[] y, int yStart) {
    for (int i = 0; i < n; i++) {
      y[yStart + i] = a[aStart + i] + b[bStart + i];
    }
  }

  public static void vsSub(
      int n, float[] a, int aStart, float[] b, int bStart, float[] y, int yStart) {
    for (int i = 0; i < n; i++) {
      y[yStart + i] = a[aStart + i] - b[bStart + i];
    }
  }

  public static void vsMul(
      int n, float[] a, int aStart, float[] b, int bStart, float[] y, int yStart) {
    for (int i = 0; i < n; i++) {
      y[yStart + i] = a[aStart + i] * b[bStart + i];
    }
  }

  public static void vsDiv(
      int n, float[] a, int aStart, float[] b, int bStart, float[] y, int yStart) {
    for (int i = 0; i < n; i++) {
      y[yStart + i] = a[aStart + i] / b[bStart + i];
    }
  }

  public static void vsAbs(int n, float[] a, int aStart, float[] y, int yStart) {
    for (int i = 0; i < n; i++) {
      y[yStart + i] = Math.abs(a[aStart + i]);
    }
  }

  public static void vsSqrt(int n, float[] a, int aStart, float[] y, int yStart) {
    for (int i = 0; i < n; i++) {
      y[yStart + i] = (float) Math.sqrt(a[aStart + i]);
    }
  }

  public static void vsExp(int n, float[] a, int aStart, float[] y, int yStart) {
    for (int i = 0; i < n; i++) {
      y[yStart + i] = (float) Math.exp(a[aStart + i]);
    }
  }

  public static void vsLn(int n, float[] a, int aStart, float[] y, int yStart) {
    for (int i = 0; i < n; i++) {
      y[yStart + i] = (float) Math.log(a[aStart + i]);
    }
  }

  public static void vsLog1p(int n, float[] a, int aStart, float[] y, int yStart) {
    for (int i = 0; i < n; i++) {
      y[yStart + i] = (float) Math.log1p(a[aStart + i]);
    }
  }

  public static void vsTanh(int n, float[] a, int aStart, float[] y, int yStart) {
    for (int i = 0; i < n; i++) {
      y[yStart + i] = (float) Math.tanh(a[aStart + i]);
    }
  }

  public static void vsPowx(int n, float[] a, int aStart, float power, float[] y, int yStart) {
    for (int i = 0; i < n; i++) {
      y[yStart + i] = (float) Math.pow(a[aStart + i], power);
    }
  }

  /** y ← y + α x. */
  public static void vsaxpy(
      int n, float alpha, float[] x, int xStart, int xStep, float[] y, int yStart, int yStep) {
    for (int i = 0; i < n; i++) {
      y[yStart + i * yStep] += alpha * x[xStart + i * xStep];
    }
  }

  /** The product of two vectors, added up in double precision. */
  public static float vsdot(
      int n, float[] x, int xStart, int xStep, float[] y, int yStart, int yStep) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += (double) x[xStart + i * xStep] * y[yStart + i * yStep];
    }
    return (float) sum;
  }

  public static void vsscal(int n, float factor, float[] x, int xStart, int xStep) {
    for (int i = 0; i < n; i++) {
      x[xStart + i * xStep] *= factor;
    }
  }
}
