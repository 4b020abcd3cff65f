package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class ExtrasTest {
  private static TrainConfigBuilder with(UnaryOperator<Extras> extras) {
    return TrainConfig.builder().model("m").data("d").output("o").extras(extras);
  }

  @Test
  void optionsAreReadAsTheyAreWritten() {
    Extras extras =
        with(e -> e.withOptimizer("plain:momentum").withOptimizerOptions("b=1, a=2:3"))
            .build()
            .extras();

    assertThat(extras).isEqualTo(new Extras("plain:momentum", Map.of("b", "1", "a", "2:3"), ""));
    assertThat(extras.optionsText()).isEqualTo("b=1,a=2:3");
    assertThat(Extras.DEFAULT.withOptimizerOptions("")).isEqualTo(Extras.DEFAULT);
    assertThatThrownBy(() -> Extras.DEFAULT.withOptimizerOptions("momentum"))
        .hasMessage(
            "Cannot use optimizer options: momentum (write name=value, with commas in between)");
  }

  @Test
  void refusesWhatNoJarBrings() {
    assertThatThrownBy(() -> with(e -> e.withOptimizer("sgd")).build())
        .hasMessage(
            "Cannot use optimizer: sgd (use adamw, or bigdl: and one of BigDL's, as in bigdl:Adam)");
    assertThatThrownBy(() -> with(e -> e.withOptimizer("bigdl:Adam")).build())
        .hasMessage(
            "Cannot use optimizer: bigdl:Adam, which another jar brings (give spark-submit --jars"
                + " spark-lorafa-bigdl.jar; docs/bigdl.md says how to build it)");
  }

  @Test
  void refusesWhatDoesNotGoTogether() {
    assertThatThrownBy(() -> with(e -> e.withOptimizerOptions("momentum=0.9")).build())
        .hasMessage(
            "Cannot use optimizer options: momentum=0.9 with optimizer adamw (it has flags of its"
                + " own: beta1, beta2, epsilon, weight decay)");
    assertThatThrownBy(
            () ->
                with(e -> e.withOptimizer("plain:momentum"))
                    .synchronisation(s -> s.withEvery(4))
                    .build())
        .hasMessage(
            "Cannot use sync every: 4 with optimizer plain:momentum (its work is divided among the"
                + " workers, who step together: use 1, or optimizer adamw)");
    assertThatThrownBy(
            () ->
                with(e -> e)
                    .synchronisation(s -> s.with(Transport.BIGDL).withWireDtype("bf16"))
                    .build())
        .hasMessage(
            "Cannot use wire dtype: bf16 with transport bigdl (leave it out; transport bigdl-fp16"
                + " sends half the bytes, in BigDL's own way)");
  }
}
