package io.github.sparklorafa.spark.plugin;

import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** A History Server on the loopback address, a process of its own. */
final class HistoryServer implements AutoCloseable {
  private final Process process;
  private final int port;

  private HistoryServer(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Starts it with the plugin jar, and returns when it has read the logs of {@code folder}. */
  static HistoryServer start(Path folder) throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    Path sparkClass = Path.of(System.getenv("SPARK_HOME"), "bin", "spark-class");
    ProcessBuilder builder =
        new ProcessBuilder(
                List.of(sparkClass.toString(), "org.apache.spark.deploy.history.HistoryServer"))
            .redirectErrorStream(true)
            .redirectOutput(new File("target", "HistoryServer.log"));
    builder.environment().put("SPARK_DAEMON_CLASSPATH", System.getProperty("spark-lorafa.jar"));
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    builder
        .environment()
        .put(
            "SPARK_HISTORY_OPTS",
            "-Dspark.history.fs.logDirectory=%s -Dspark.history.ui.port=%d"
                .formatted(folder.toUri(), port));
    HistoryServer server = new HistoryServer(builder.start(), port);
    server.awaitApplication();
    return server;
  }

  String address() {
    return "http://127.0.0.1:" + port;
  }

  private void awaitApplication() {
    for (int i = 0; i < 600 && process.isAlive(); i++) {
      try {
        if (Pages.get(address() + "/api/v1/applications?limit=1").contains("attempts")) {
          return;
        }
      } catch (java.io.UncheckedIOException notYet) {
        if (!(notYet.getCause() instanceof ConnectException)) {
          throw notYet;
        }
      }
      LockSupport.parkNanos(100_000_000);
    }
    close();
    throw new IllegalStateException("Cannot reach the History Server (see target)");
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
  }
}
