package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.collective.Endpoint;
import io.github.sparklorafa.collective.GlooEndpoint;
import io.github.sparklorafa.spark.transport.BlockEndpoint;
import io.github.sparklorafa.spark.transport.SparkEndpoint;
import io.github.sparklorafa.train.Transport;
import java.time.Duration;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;

/** Opens the end of a worker at the address by which Spark knows its executor. */
final class Endpoints {
  private Endpoints() {}

  static Endpoint open(Transport transport, BarrierTaskContext task) {
    int rank = task.partitionId();
    int size = task.numPartitions();
    Duration timeout = SyncTimeout.of(SparkEnv.get().conf());
    if (transport.isOverBlocks()) {
      return BlockEndpoint.open(BigDlJar.blockSum(), address(), rank, size, timeout);
    }
    return transport == Transport.SPARK
        ? SparkEndpoint.open(address(), rank, size, timeout)
        : GlooEndpoint.open(address(), rank, size, timeout);
  }

  static String address() {
    String host = SparkEnv.get().blockManager().blockManagerId().host();
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }
}
