package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.train.Problems;
import io.github.sparklorafa.train.Transport;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class TransportChoiceTest {
  private static final String AUTHENTICATE = "spark.authenticate";
  private static final String CRYPTO = "spark.network.crypto.enabled";

  private final SparkConf conf = new SparkConf(false);
  private final Problems problems = new Problems();

  private Transport chosen(Transport asked, int workers) {
    return TransportChoice.of(asked, conf, workers, problems);
  }

  @Test
  void takesGlooWhereNothingIsToBeSecure() {
    assertThat(chosen(Transport.AUTO, 2)).isEqualTo(Transport.GLOO);
    assertThat(chosen(Transport.GLOO, 2)).isEqualTo(Transport.GLOO);
    assertThat(chosen(Transport.SPARK, 2)).isEqualTo(Transport.SPARK);
    assertThat(problems.found()).isEmpty();
    assertThat(TransportChoice.described(Transport.GLOO, conf)).endsWith("over Gloo, unencrypted");
    assertThat(TransportChoice.described(Transport.SPARK, conf)).endsWith("layer, unencrypted");
  }

  @Test
  void takesSparkWhereSparkIsSecure() {
    conf.set(AUTHENTICATE, "true");
    assertThat(chosen(Transport.AUTO, 2)).isEqualTo(Transport.SPARK);
    assertThat(TransportChoice.described(Transport.SPARK, conf))
        .endsWith("authenticated, unencrypted");
    conf.set(CRYPTO, "true");
    assertThat(chosen(Transport.AUTO, 2)).isEqualTo(Transport.SPARK);
    assertThat(TransportChoice.described(Transport.SPARK, conf))
        .endsWith("authenticated and encrypted");
    assertThat(problems.found()).isEmpty();
  }

  @Test
  void refusesGlooByNameWhereSparkIsSecureUnlessTheNetworkIsTrusted() {
    conf.set(AUTHENTICATE, "true").set(CRYPTO, "true");
    chosen(Transport.GLOO, 1);
    assertThat(problems.found()).isEmpty();
    chosen(Transport.GLOO, 2);
    assertThat(problems.found())
        .containsExactly(
            "Cannot use transport: gloo with spark.authenticate=true,"
                + " spark.network.crypto.enabled=true (it neither authenticates nor encrypts: use"
                + " auto or spark, or set spark.lorafa.allow-plaintext-transport=true if the network"
                + " is trusted)");
    conf.set(TransportChoice.ALLOW_PLAINTEXT, "true");
    assertThat(chosen(Transport.GLOO, 2)).isEqualTo(Transport.GLOO);
    assertThat(problems.found()).hasSize(1);
  }

  @Test
  void refusesToSendInTheClearWhatSparkEncryptsElsewhere() {
    conf.set("spark.io.encryption.enabled", "true").set("spark.ssl.enabled", "true");
    chosen(Transport.AUTO, 1);
    assertThat(problems.found()).isEmpty();
    chosen(Transport.AUTO, 2);
    assertThat(problems.found())
        .containsExactly(
            "Cannot keep what is asked for: spark.io.encryption.enabled=true,"
                + " spark.ssl.enabled=true, but it is spark.authenticate and"
                + " spark.network.crypto.enabled that encrypt gradients between executors (set both"
                + " to true, or spark.lorafa.allow-plaintext-transport=true if the network is"
                + " trusted, or use one worker)");
    conf.set(TransportChoice.ALLOW_PLAINTEXT, "true");
    assertThat(chosen(Transport.AUTO, 2)).isEqualTo(Transport.SPARK);
    assertThat(problems.found()).hasSize(1);
  }

  @Test
  void refusesACipherThatStopsAtTheSecondMessage() {
    conf.set(AUTHENTICATE, "true").set(CRYPTO, "true");
    conf.set("spark.network.crypto.cipher", "AES/GCM/NoPadding");
    chosen(Transport.AUTO, 2);
    assertThat(problems.found()).hasSize(1);
    assertThat(problems.found().get(0)).startsWith("Cannot encrypt with");
  }

  @Test
  void refusesWhatNeedsAGpu() {
    chosen(Transport.NCCL, 2);
    assertThat(problems.found())
        .containsExactly(
            "Cannot use transport: nccl (it needs a GPU for each worker, and this build holds CPU"
                + " natives only; use auto, gloo or spark)");
  }

  @Test
  void asksForTheJarThatBringsBigDl() {
    assertThat(chosen(Transport.BIGDL, 2)).isEqualTo(Transport.BIGDL);
    assertThat(chosen(Transport.BIGDL_FP16, 1)).isEqualTo(Transport.BIGDL_FP16);
    assertThat(problems.found())
        .hasSize(2)
        .containsOnly(
            "Cannot use transport: bigdl, which another jar brings (give spark-submit --jars"
                + " spark-lorafa-bigdl.jar; docs/bigdl.md says how to build it)");
  }
}
