package io.github.sparklorafa.spark.transport;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.network.client.TransportClientBootstrap;
import org.apache.spark.network.crypto.AuthClientBootstrap;
import org.apache.spark.network.crypto.AuthServerBootstrap;
import org.apache.spark.network.sasl.SecretKeyHolder;
import org.apache.spark.network.server.TransportServerBootstrap;
import org.apache.spark.network.util.MapConfigProvider;
import org.apache.spark.network.util.TransportConf;
import scala.Tuple2;

/**
 * What Spark's network layer must know to secure connections as the block manager's are.
 *
 * @param conf of the application
 * @param secrets of the application; asked only where {@code spark.authenticate} is on
 */
record Security(SparkConf conf, SecretKeyHolder secrets) {
  /** The keys {@code spark.lorafa.io.*} are read as {@code spark.shuffle.io.*} are. */
  private static final String MODULE = "lorafa";

  private static final String AUTHENTICATE = "spark.authenticate";
  private static final int MOST_THREADS = 4;

  /** Spark's settings for a group of {@code size} workers: a thread for each peer, to a limit. */
  TransportConf settings(int size) {
    Map<String, String> settings = new HashMap<>();
    String threads = "" + Math.max(1, Math.min(MOST_THREADS, size - 1));
    settings.put("spark.lorafa.io.serverThreads", threads);
    settings.put("spark.lorafa.io.clientThreads", threads);
    settings.put("spark.lorafa.io.connectionCreationTimeout", "30s");
    settings.put("spark.lorafa.io.enableTcpKeepAlive", "true");
    for (Tuple2<String, String> setting : Arrays.asList(conf.getAll())) {
      settings.put(setting._1(), setting._2());
    }
    return new TransportConf(MODULE, new MapConfigProvider(settings));
  }

  List<TransportServerBootstrap> serverBootstraps(TransportConf settings) {
    List<TransportServerBootstrap> bootstraps = new ArrayList<>();
    bootstraps.add(
        (channel, handler) -> {
          Landing.prepare(channel);
          StrangerGuard.watch(channel);
          return handler;
        });
    if (authenticates()) {
      bootstraps.add(new AuthServerBootstrap(settings, secrets));
    }
    return bootstraps;
  }

  List<TransportClientBootstrap> clientBootstraps(TransportConf settings) {
    return authenticates()
        ? List.of(new AuthClientBootstrap(settings, conf.getAppId(), secrets))
        : List.of();
  }

  private boolean authenticates() {
    return conf.getBoolean(AUTHENTICATE, false);
  }

  /** Without what may be secret. */
  @Override
  public String toString() {
    return MODULE;
  }
}
