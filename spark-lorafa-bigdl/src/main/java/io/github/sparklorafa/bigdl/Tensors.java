package io.github.sparklorafa.bigdl;

import com.intel.analytics.bigdl.tensor.ArrayStorage$mcF$sp;
import com.intel.analytics.bigdl.tensor.DenseTensor$mcF$sp;
import com.intel.analytics.bigdl.tensor.Tensor;
import com.intel.analytics.bigdl.tensor.TensorNumericMath;
import com.intel.analytics.bigdl.utils.Engine$;
import io.github.sparklorafa.collective.NativeBytes;
import io.github.sparklorafa.tensor.NativeFloats;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** BigDL's tensors of fp32 numbers over arrays of Java. */
final class Tensors {
  /** BigDL's sizes for its thread pools, of which one thread each is enough here. */
  private static final String POOL_SIZE = "bigdl.utils.Engine.defaultPoolSize";

  static final ClassTag<Object> FLOAT = ClassTag$.MODULE$.Float();
  static final TensorNumericMath.TensorNumeric<Object> NUMERIC = numeric();

  static {
    if (System.getProperty(POOL_SIZE) == null) {
      System.setProperty(POOL_SIZE, "1");
    }
    // The other cores belong to the forward and backward pass.
    Engine$.MODULE$.setCoreNumber(1);
  }

  private Tensors() {}

  /** A Scala object within an object within an object, which Java has no name for. */
  @SuppressWarnings("unchecked") // Scala's Float is an Object to Java
  private static TensorNumericMath.TensorNumeric<Object> numeric() {
    String name = TensorNumericMath.TensorNumeric.class.getName() + "$NumericFloat$";
    try {
      Class<?> type = Class.forName(name, true, Tensors.class.getClassLoader());
      return (TensorNumericMath.TensorNumeric<Object>) type.getField("MODULE$").get(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Cannot find BigDL's numbers: " + name + " (report this)", e);
    }
  }

  /** A vector that shares the numbers. */
  static Tensor<Object> over(float[] numbers) {
    return new DenseTensor$mcF$sp(
        new ArrayStorage$mcF$sp(numbers, FLOAT),
        0,
        new int[] {numbers.length},
        new int[] {1},
        1,
        FLOAT,
        NUMERIC);
  }

  /** Native numbers as Java reads and writes them. */
  static FloatBuffer view(NativeFloats floats) {
    return new NativeBytes(floats.address(), floats.bytes())
        .view()
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }
}
