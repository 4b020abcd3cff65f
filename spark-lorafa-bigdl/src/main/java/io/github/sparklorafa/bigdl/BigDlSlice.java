package io.github.sparklorafa.bigdl;

import com.intel.analytics.bigdl.optim.Adadelta;
import com.intel.analytics.bigdl.optim.Adagrad;
import com.intel.analytics.bigdl.optim.Adam;
import com.intel.analytics.bigdl.optim.Adamax;
import com.intel.analytics.bigdl.optim.Ftrl;
import com.intel.analytics.bigdl.optim.LarsSGD;
import com.intel.analytics.bigdl.optim.OptimMethod;
import com.intel.analytics.bigdl.optim.RMSprop;
import com.intel.analytics.bigdl.optim.SGD;
import com.intel.analytics.bigdl.tensor.Tensor;
import io.github.sparklorafa.train.SliceOptimizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/** An {@code OptimMethod} of BigDL over a part of a parameter. */
final class BigDlSlice implements SliceOptimizer {
  /** Where BigDL counts the steps. */
  private static final String COUNTER = "evalCounter";

  private final OptimMethod<Object> method;
  private final int count;
  private final List<String> names;

  /**
   * @param names of what it remembers, in alphabetical order
   */
  BigDlSlice(OptimMethod<Object> method, int count, List<String> names) {
    this.method = method;
    this.count = count;
    this.names = names;
  }

  @Override
  public void step(float[] values, float[] gradients, double learningRate, Optional<Norms> norms) {
    setLearningRate(learningRate);
    if (method instanceof LarsSGD<Object> lars) {
      norms.ifPresent(n -> lars.setGradientScale(scale(n, lars.weightDecay())));
    }
    Tensor<Object> gradient = Tensors.over(gradients);
    Tuple2<Object, Tensor<Object>> evaluated = new Tuple2<>(0f, gradient);
    Tuple2<Tensor<Object>, Object> unused =
        method.optimize(
            new AbstractFunction1<Tensor<Object>, Tuple2<Object, Tensor<Object>>>() {
              @Override
              public Tuple2<Object, Tensor<Object>> apply(Tensor<Object> at) {
                return evaluated;
              }
            },
            Tensors.over(values));
  }

  /** As BigDL's {@code LarsProcessor} has it for a layer that lies on several workers. */
  private static double scale(Norms norms, double weightDecay) {
    return (norms.gradientNorm() + weightDecay * norms.valueNorm()) / norms.valueNorm();
  }

  private void setLearningRate(double rate) {
    if (method instanceof SGD<Object> sgd) {
      sgd.learningRate_$eq(rate);
    } else if (method instanceof Adam<Object> adam) {
      adam.learningRate_$eq(rate);
    } else if (method instanceof Adamax<Object> adamax) {
      adamax.learningRate_$eq(rate);
    } else if (method instanceof Adagrad<Object> adagrad) {
      adagrad.learningRate_$eq(rate);
    } else if (method instanceof RMSprop<Object> rmsprop) {
      rmsprop.learningRate_$eq(rate);
    } else if (method instanceof Ftrl<Object> ftrl) {
      ftrl.learningRate_$eq(rate);
    } else if (!(method instanceof Adadelta<Object>)) { // which has none
      throw new IllegalStateException(
          "Cannot set the learning rate of " + method + " (report this)");
    }
  }

  /** Names of the tensors that it has, in alphabetical order. */
  List<String> remembered() {
    List<String> found = new ArrayList<>();
    Iterator<Object> keys = method.state().keySet().iterator();
    while (keys.hasNext()) {
      Object key = keys.next();
      if (tensor(key).isPresent()) {
        found.add(key.toString());
      }
    }
    return found.stream().sorted().toList();
  }

  @SuppressWarnings("unchecked") // BigDL's state holds tensors of its own type
  private Optional<Tensor<Object>> tensor(Object key) {
    Object value = method.state().get(key).getOrElse(null);
    return value instanceof Tensor ? Optional.of((Tensor<Object>) value) : Optional.empty();
  }

  @Override
  public List<float[]> state() {
    List<float[]> state = new ArrayList<>();
    for (String name : names) {
      if (!BigDlKind.SCRATCH.contains(name)) {
        state.add(tensor(name).map(this::numbers).orElseGet(() -> new float[count]));
      }
    }
    return state;
  }

  private float[] numbers(Tensor<Object> tensor) {
    float[] all = (float[]) tensor.storage().array();
    float[] own = new float[count];
    System.arraycopy(all, tensor.storageOffset() - 1, own, 0, count);
    return own;
  }

  @Override
  public void restore(List<float[]> state, long steps) {
    int next = 0;
    for (String name : names) {
      boolean scratch = BigDlKind.SCRATCH.contains(name);
      float[] numbers = scratch ? new float[count] : state.get(next++).clone();
      method.state().update(name, Tensors.over(numbers));
    }
    method.state().update(COUNTER, Math.toIntExact(steps));
  }
}
