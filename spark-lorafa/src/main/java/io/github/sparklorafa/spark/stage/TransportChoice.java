package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.train.Problems;
import io.github.sparklorafa.train.Transport;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;

/** Decides on the driver what carries the gradients, so that they are as private as Spark is. */
final class TransportChoice {
  /** Allows gradients to travel in the clear although Spark is told to encrypt. */
  static final String ALLOW_PLAINTEXT = "spark.lorafa.allow-plaintext-transport";

  private static final String AUTHENTICATE = "spark.authenticate";
  private static final String NETWORK_CRYPTO = "spark.network.crypto.enabled";
  private static final String SASL_ENCRYPTION = "spark.authenticate.enableSaslEncryption";
  private static final String CIPHER = "spark.network.crypto.cipher";

  private static final List<String> ENCRYPTION =
      List.of(NETWORK_CRYPTO, SASL_ENCRYPTION, "spark.io.encryption.enabled", "spark.ssl.enabled");

  private TransportChoice() {}

  /** The transport for {@code asked}; never {@link Transport#AUTO}. */
  static Transport of(Transport asked, SparkConf conf, int workers, Problems problems) {
    if (asked == Transport.NCCL) {
      problems.add(
          "Cannot use transport: nccl (it needs a GPU for each worker, and this build holds CPU"
              + " natives only; use auto, gloo or spark)");
      return asked;
    }
    if (asked.isOverBlocks()) {
      problems.collect(BigDlJar::blockSum);
      checkSpark(conf, problems);
      return asked;
    }
    List<String> secured = on(conf, AUTHENTICATE);
    secured.addAll(encryption(conf));
    if (asked == Transport.GLOO || workers == 1 || asked == Transport.AUTO && secured.isEmpty()) {
      checkGloo(asked, secured, conf, workers, problems);
      return asked == Transport.SPARK ? asked : Transport.GLOO;
    }
    checkSpark(conf, problems);
    return Transport.SPARK;
  }

  private static void checkGloo(
      Transport asked, List<String> secured, SparkConf conf, int workers, Problems problems) {
    if (asked == Transport.GLOO && workers > 1 && !secured.isEmpty() && !allowed(conf)) {
      problems.add(
          "Cannot use transport: gloo with %s=true (it neither authenticates nor encrypts: use auto"
              + " or spark, or set %s=true if the network is trusted)",
          String.join("=true, ", secured), ALLOW_PLAINTEXT);
    }
  }

  private static void checkSpark(SparkConf conf, Problems problems) {
    List<String> encryption = encryption(conf);
    if (!encryption.isEmpty() && !encrypts(conf) && !allowed(conf)) {
      problems.add(
          "Cannot keep what is asked for: %s=true, but it is %s and %s that encrypt gradients"
              + " between executors (set both to true, or %s=true if the network is trusted, or use"
              + " one worker)",
          String.join("=true, ", encryption), AUTHENTICATE, NETWORK_CRYPTO, ALLOW_PLAINTEXT);
    }
    if (encrypts(conf) && conf.get(CIPHER, "").contains("GCM")) {
      problems.add(
          "Cannot encrypt with %s=%s: Spark 3.5 stops at the second message of a connection (use"
              + " AES/CTR/NoPadding)",
          CIPHER, conf.get(CIPHER));
    }
  }

  /** How gradients travel, in words. */
  static String described(Transport chosen, SparkConf conf) {
    if (chosen == Transport.GLOO) {
      return "Gradients travel over Gloo, unencrypted";
    }
    boolean authenticated = conf.getBoolean(AUTHENTICATE, false);
    return (chosen.isOverBlocks()
            ? "Gradients travel through Spark's block manager, summed by BigDL, "
            : "Gradients travel over Spark's network layer, ")
        + (encrypts(conf)
            ? "authenticated and encrypted"
            : authenticated ? "authenticated, unencrypted" : "unencrypted");
  }

  private static boolean encrypts(SparkConf conf) {
    return conf.getBoolean(AUTHENTICATE, false)
        && !on(conf, NETWORK_CRYPTO, SASL_ENCRYPTION).isEmpty();
  }

  private static boolean allowed(SparkConf conf) {
    return conf.getBoolean(ALLOW_PLAINTEXT, false);
  }

  private static List<String> encryption(SparkConf conf) {
    return on(conf, ENCRYPTION.toArray(String[]::new));
  }

  private static List<String> on(SparkConf conf, String... keys) {
    List<String> on = new ArrayList<>();
    for (String key : keys) {
      if (conf.getBoolean(key, false)) {
        on.add(key);
      }
    }
    return on;
  }
}
