package io.github.sparklorafa.train;

import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * The optimizer of a part of one parameter, which knows nothing of the others: of each parameter
 * the worker owns one part, or none. Not for several threads.
 */
public interface SliceOptimizer {
  /**
   * What is known of the whole parameter.
   *
   * @param valueNorm Euclidean norm of its values
   * @param gradientNorm of its gradient
   */
  record Norms(double valueNorm, double gradientNorm) {}

  /** Finds optimizers by name; those of jars on the class path, by {@link ServiceLoader}. */
  interface Provider {
    /** What stands before the colon in {@code --optimizer}. */
    String name();

    /**
     * The optimizer that a run asks for.
     *
     * @param optimizer what stands behind the colon
     * @throws IllegalArgumentException with all that is wrong with its name, its options, or other
     *     settings of the run that it can't follow
     */
    Kind kind(String optimizer, TrainConfig config);

    /** The one of that name, if its jar is there. */
    static Optional<Provider> find(String name) {
      return ServiceLoader.load(Provider.class).stream()
          .map(ServiceLoader.Provider::get)
          .filter(provider -> provider.name().equals(name))
          .findFirst();
    }
  }

  /** One optimizer with its settings. */
  interface Kind {
    /** Names of what it remembers for each number; letters, digits and underscores. */
    List<String> slots();

    /** Whether {@link SliceOptimizer#step} is to be told norms. */
    boolean usesNorms();

    /**
     * A new one.
     *
     * @param count of its numbers
     * @param decays whether weight decay applies to them
     */
    SliceOptimizer open(int count, boolean decays);

    /** How its learning rate runs; empty if the run's own schedule decides. */
    Optional<Rates> rates();
  }

  /** A learning rate that runs in a way of its own. */
  interface Rates {
    /**
     * The rate of a step.
     *
     * @param step from 0
     * @param epoch that the step belongs to, from 1
     */
    double at(long step, int epoch);
  }

  /**
   * One step.
   *
   * @param values {@code [count]}, changed in place
   * @param gradients {@code [count]}; what they hold afterwards is of no use
   * @param norms there only if the kind uses them
   */
  void step(float[] values, float[] gradients, double learningRate, Optional<Norms> norms);

  /** What it remembers, {@code [count]} each, in the order of {@link Kind#slots}. */
  List<float[]> state();

  /** Goes on after so many steps, at least one, with what {@link #state} was then. */
  void restore(List<float[]> state, long steps);
}
