package io.github.sparklorafa.spark.transport;

import io.github.sparklorafa.collective.CollectiveException;
import io.github.sparklorafa.collective.Communicator;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.network.sasl.SecretKeyHolder;

/** Groups over Spark's network layer between threads of one process. */
public final class SparkGroup {
  static final String SECRET = "the-secret-of-this-application";
  private static final String APPLICATION = "app-20261122";

  private SparkGroup() {}

  /** Settings without security. */
  public static SparkConf plain() {
    return new SparkConf(false).set("spark.app.id", APPLICATION);
  }

  /** Settings with authentication and encryption. */
  public static SparkConf encrypted() {
    return plain().set("spark.authenticate", "true").set("spark.network.crypto.enabled", "true");
  }

  /** What a worker says whose application has another secret. */
  public static RuntimeException refused(String right, String wrong) {
    Duration patience = Duration.ofSeconds(30);
    try (SparkEndpoint first =
            SparkEndpoint.open("127.0.0.1", 0, 2, patience, encrypted(), secret(right));
        SparkEndpoint stranger =
            SparkEndpoint.open("127.0.0.1", 1, 2, patience, encrypted(), secret(wrong))) {
      Communicator unused =
          stranger.connect(List.of(first.offer(), stranger.offer()), List.of("rank 0", "rank 1"));
      throw new AssertionError("it was let in");
    } catch (CollectiveException e) {
      return e;
    }
  }

  /** All ends of a group, connected. */
  public static List<Communicator> open(int size, Duration timeout, SparkConf conf) {
    List<SparkEndpoint> endpoints =
        IntStream.range(0, size).mapToObj(rank -> endpoint(rank, size, timeout, conf)).toList();
    return connect(endpoints, endpoints.stream().map(SparkEndpoint::offer).toList());
  }

  static SparkEndpoint endpoint(int rank, int size, Duration timeout, SparkConf conf) {
    return SparkEndpoint.open("127.0.0.1", rank, size, timeout, conf, secret(SECRET));
  }

  static List<Communicator> connect(List<SparkEndpoint> endpoints, List<String> offers) {
    List<String> names =
        IntStream.range(0, endpoints.size()).mapToObj(rank -> "rank " + rank).toList();
    List<CompletableFuture<Communicator>> ends =
        endpoints.stream()
            .map(
                endpoint ->
                    CompletableFuture.supplyAsync(
                        () -> endpoint.connect(offers, names), task -> new Thread(task).start()))
            .toList();
    return ends.stream().map(CompletableFuture::join).toList();
  }

  static SecretKeyHolder secret(String secret) {
    return new SecretKeyHolder() {
      @Override
      public String getSaslUser(String application) {
        return application;
      }

      @Override
      public String getSecretKey(String application) {
        return secret;
      }
    };
  }
}
