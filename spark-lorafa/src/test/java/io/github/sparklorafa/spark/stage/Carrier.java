package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.train.TrainConfigBuilder;
import io.github.sparklorafa.train.Transport;
import java.util.ArrayList;
import java.util.List;

/** What carries gradients between executors, and how Spark is told so. */
enum Carrier {
  GLOO(Transport.AUTO),
  SPARK(Transport.SPARK),
  SPARK_ENCRYPTED(
      Transport.AUTO,
      "spark.authenticate",
      "true",
      "spark.authenticate.secret",
      Carrier.SECRET,
      "spark.network.crypto.enabled",
      "true");

  static final String SECRET = "an-application-secret-for-tests";

  private final Transport transport;
  private final List<String> settings;

  Carrier(Transport transport, String... settings) {
    this.transport = transport;
    this.settings = List.of(settings);
  }

  /** Two executors that may be told so. */
  TrainingCluster start(String... others) {
    List<String> all = new ArrayList<>(settings);
    all.addAll(List.of(others));
    return TrainingCluster.start("local-cluster[2,1,1024]", all.toArray(String[]::new));
  }

  TrainConfigBuilder in(TrainConfigBuilder config) {
    return config.synchronisation(s -> s.with(transport));
  }
}
