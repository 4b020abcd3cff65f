package io.github.sparklorafa.spark.stage;

import java.util.Locale;
import org.apache.spark.SparkConf;
import org.apache.spark.network.util.JavaUtils;

/**
 * What the settings grant an executor, after the rules of Spark 3.5 ({@code
 * ResourceProfile.calculateOverHeadMemory} for YARN, {@code BasicExecutorFeatureStep} for
 * Kubernetes).
 *
 * @param heapBytes of the Java virtual machine
 * @param overheadBytes that the container has beside the heap; 0 where there is no container
 */
record ExecutorMemory(long heapBytes, long overheadBytes) {
  static final String OVERHEAD = "spark.executor.memoryOverhead";
  static final String HEAP = "spark.executor.memory";

  private static final String FACTOR = "spark.executor.memoryOverheadFactor";
  private static final String KUBERNETES_FACTOR = "spark.kubernetes.memoryOverheadFactor";
  private static final double USUAL_FACTOR = 0.1;
  private static final long LEAST_OVERHEAD_MIB = 384;

  static ExecutorMemory of(SparkConf conf) {
    long heap = JavaUtils.byteStringAsMb(conf.get(HEAP, "1g"));
    String master = conf.get("spark.master", "").toLowerCase(Locale.ROOT);
    boolean kubernetes = master.startsWith("k8s");
    if (!master.startsWith("yarn") && !kubernetes) {
      return new ExecutorMemory(heap << 20, 0);
    }
    if (conf.contains(OVERHEAD)) {
      return new ExecutorMemory(heap << 20, JavaUtils.byteStringAsMb(conf.get(OVERHEAD)) << 20);
    }
    double usual = kubernetes ? conf.getDouble(KUBERNETES_FACTOR, USUAL_FACTOR) : USUAL_FACTOR;
    double factor = conf.getDouble(FACTOR, usual);
    long overhead = Math.max(LEAST_OVERHEAD_MIB, (long) (heap * factor));
    return new ExecutorMemory(heap << 20, overhead << 20);
  }

  /** Whether something ends an executor that takes more. */
  boolean isLimited() {
    return overheadBytes > 0;
  }
}
