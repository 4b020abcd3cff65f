package io.github.sparklorafa.bigdl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sparklorafa.train.SliceOptimizer;
import io.github.sparklorafa.train.SliceOptimizer.Norms;
import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.TrainConfigBuilder;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** BigDL's own arithmetic, against the formulas of the papers in double precision. */
@Tag("spark")
class BigDlOptimizerTest {
  private static final double RATE = 0.01;
  private static final float[] GRADIENT = {0.5f, -1, 2, 0.25f};

  private static TrainConfigBuilder config(String optimizer, String options) {
    return TrainConfig.builder()
        .model("m")
        .data("d")
        .output("o")
        .learningRate(RATE)
        .extras(e -> e.withOptimizer("bigdl:" + optimizer).withOptimizerOptions(options));
  }

  private static SliceOptimizer.Kind kind(TrainConfig config) {
    String name = config.extras().optimizer();
    return SliceOptimizer.Provider.find("bigdl")
        .orElseThrow()
        .kind(name.substring(name.indexOf(':') + 1), config);
  }

  private static float[] gradient(int step) {
    float[] gradient = GRADIENT.clone();
    gradient[0] += 0.1f * step;
    return gradient;
  }

  private static float[] stepped(TrainConfig config, int steps, Optional<Norms> norms) {
    SliceOptimizer optimizer = kind(config).open(GRADIENT.length, true);
    float[] values = {1, 2, 3, -4};
    for (int step = 0; step < steps; step++) {
      optimizer.step(values, gradient(step), RATE, norms);
    }
    return values;
  }

  /** The formula that {@code AdamW} of spark-lorafa has too, but for where epsilon stands. */
  @Test
  void adamIsAdam() {
    double[] values = {1, 2, 3, -4};
    double[] first = new double[4];
    double[] second = new double[4];
    for (int step = 0; step < 10; step++) {
      for (int i = 0; i < 4; i++) {
        double g = gradient(step)[i];
        first[i] = 0.9 * first[i] + 0.1 * g;
        second[i] = 0.999 * second[i] + 0.001 * g * g;
        double mean = first[i] / (1 - Math.pow(0.9, step + 1));
        double root = Math.sqrt(second[i] / (1 - Math.pow(0.999, step + 1)));
        values[i] -= RATE * mean / (root + 1e-8);
      }
    }
    assertClose(stepped(config("Adam", "").build(), 10, Optional.empty()), values);
  }

  @Test
  void sgdHasMomentumAndDecay() {
    double[] values = {1, 2, 3, -4};
    double[] velocity = new double[4];
    for (int step = 0; step < 10; step++) {
      for (int i = 0; i < 4; i++) {
        double g = gradient(step)[i] + 0.1 * values[i];
        velocity[i] = step == 0 ? g : 0.9 * velocity[i] + g;
        values[i] -= RATE * velocity[i];
      }
    }
    TrainConfig config = config("SGD", "momentum=0.9,dampening=0").weightDecay(0.1).build();
    assertClose(stepped(config, 10, Optional.empty()), values);
  }

  @Test
  void adagradDividesByTheRootOfWhatWas() {
    double[] values = {1, 2, 3, -4};
    double[] squares = new double[4];
    for (int step = 0; step < 10; step++) {
      for (int i = 0; i < 4; i++) {
        double g = gradient(step)[i];
        squares[i] += g * g;
        values[i] -= RATE * g / (Math.sqrt(squares[i]) + 1e-10);
      }
    }
    assertClose(stepped(config("Adagrad", "").build(), 10, Optional.empty()), values);
  }

  /** The trust ratio is that of the whole parameter, of which this is a part. */
  @Test
  void larsScalesByTheNormsOfTheWholeParameter() {
    double[] values = {1, 2, 3, -4};
    double[] velocity = new double[4];
    double scale = (0.5 + 0.1 * 8) / 8;
    for (int step = 0; step < 10; step++) {
      for (int i = 0; i < 4; i++) {
        double g = gradient(step)[i] + 0.1 * values[i];
        velocity[i] = 0.9 * velocity[i] + RATE / scale * g;
        values[i] -= velocity[i];
      }
    }
    TrainConfig config = config("LarsSGD", "momentum=0.9").weightDecay(0.1).build();
    assertThat(kind(config).usesNorms()).isTrue();
    assertClose(stepped(config, 10, Optional.of(new Norms(8, 0.5))), values);
  }

  private static void assertClose(float[] actual, double[] expected) {
    for (int i = 0; i < actual.length; i++) {
      assertThat((double) actual[i]).as("number %d", i).isEqualTo(expected[i], within(2e-5));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Adadelta", "Adagrad", "Adam", "Adamax", "Ftrl", "LarsSGD", "RMSprop", "SGD"})
  void goesOnFromItsStateAsIfNothingHadBeen(String name) {
    TrainConfig config = config(name, name.equals("SGD") ? "momentum=0.9" : "").build();
    Optional<Norms> norms = Optional.of(new Norms(5.5, 2.3));
    float[] whole = stepped(config, 9, norms);

    SliceOptimizer first = kind(config).open(GRADIENT.length, true);
    float[] values = {1, 2, 3, -4};
    for (int step = 0; step < 4; step++) {
      first.step(values, gradient(step), RATE, norms);
    }
    SliceOptimizer second = kind(config).open(GRADIENT.length, true);
    assertThat(first.state()).hasSameSizeAs(kind(config).slots());
    second.restore(first.state(), 4);
    for (int step = 4; step < 9; step++) {
      second.step(values, gradient(step), RATE, norms);
    }
    assertThat(values).containsExactly(whole);
    assertThat(values).isNotEqualTo(new float[] {1, 2, 3, -4});
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "schedule=step,step-size=4,gamma=0.1 | 7 | 0.001",
        "schedule=multi-step,step-sizes=2:5,gamma=0.5 | 6 | 0.0025",
        "schedule=epoch-step,step-size=1,gamma=0.5 | 6 | 0.0025",
        "schedule=poly,power=2,max-iteration=10 | 5 | 0.0025",
        "schedule=exponential,decay-step=2,decay-rate=0.5 | 4 | 0.0025",
        "schedule=natural-exp,decay-step=2,gamma=0.5 | 5 | 0.0036787944",
        "schedule=default,learning-rate-decay=0.5 | 6 | 0.0025",
        "schedule=poly,power=1,max-iteration=100,warmup-iteration=3,warmup-delta=0.01 | 2 | 0.03"
      })
  void ratesRunAsBigDlHasThem(String options, long step, double expected) {
    SliceOptimizer.Rates rates = kind(config("Adam", options).build()).rates().orElseThrow();

    assertThat(rates.at(0, 1)).isPositive();
    assertThat(rates.at(step, 2)).isEqualTo(expected, within(1e-9));
    // A run that resumes asks for a late step first, and one that reports asks twice.
    assertThat(kind(config("Adam", options).build()).rates().orElseThrow().at(step, 2))
        .isEqualTo(rates.at(step, 2));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Nadam | '' | Cannot use optimizer: bigdl:Nadam (use bigdl:Adadelta, bigdl:Adagrad,"
            + " bigdl:Adam, bigdl:Adamax, bigdl:Ftrl, bigdl:LarsSGD, bigdl:RMSprop, bigdl:SGD)",
        "SGD | x=1 | Cannot use optimizer options: x with optimizer bigdl:SGD (it knows dampening,"
            + " momentum, nesterov, schedule)",
        "SGD | momentum=a | Cannot use optimizer options: momentum=a (give a number)",
        "SGD | nesterov=true | Cannot use optimizer options: nesterov=true with momentum=0.0 and"
            + " dampening=0.0 (BigDL needs a momentum above 0 and dampening=0)",
        "Adam | schedule=cosine | Cannot use optimizer options: schedule=cosine (use default,"
            + " epoch-step, exponential, multi-step, natural-exp, poly, step)",
        "Adam | schedule=poly | Cannot use optimizer options: without power (give it)",
      })
  void refusesWhatBigDlHasNot(String name, String options, String message) {
    assertThatThrownBy(() -> config(name, options).build()).hasMessage(message);
  }

  @Test
  void refusesADecayThatTheOptimizerHasNot() {
    assertThatThrownBy(() -> config("Adam", "").weightDecay(0.1).build())
        .hasMessage(
            "Cannot use weight decay: 0.1 with optimizer bigdl:Adam, which has none (leave it out,"
                + " or use optimizer adamw)");
  }
}
