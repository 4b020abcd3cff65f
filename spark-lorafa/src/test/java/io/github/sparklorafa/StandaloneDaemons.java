package io.github.sparklorafa;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A standalone master and its workers on the loopback address, each a process of its own. */
public final class StandaloneDaemons implements AutoCloseable {
  private static final Path SPARK_CLASS =
      Path.of(System.getenv("SPARK_HOME"), "bin", "spark-class");

  private final Path folder;
  private final int port;
  private final List<Process> daemons = new ArrayList<>();

  private StandaloneDaemons(Path folder, int port) {
    this.folder = folder;
    this.port = port;
  }

  /** Starts a master, and returns when it listens. */
  public static StandaloneDaemons start(Path folder) throws Exception {
    StandaloneDaemons daemons = new StandaloneDaemons(folder, freePort());
    daemons.daemon("master.Master", "--port", String.valueOf(daemons.port));
    daemons.awaitListening();
    return daemons;
  }

  /** What {@code --master} takes. */
  public String url() {
    return "spark://127.0.0.1:" + port;
  }

  /** The master. */
  public Process master() {
    return daemons.get(0);
  }

  /** Starts a worker with one core. */
  public Process startWorker() throws IOException {
    return daemon(
        "worker.Worker", "--cores", "1", "--memory", "1g", "--work-dir", folder.toString(), url());
  }

  private Process daemon(String type, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(SPARK_CLASS.toString());
    command.add("org.apache.spark.deploy." + type);
    command.addAll(List.of("--host", "127.0.0.1", "--webui-port", "0"));
    command.addAll(Arrays.asList(arguments));
    File log = new File("target", type + ".log");
    Process daemon =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start();
    daemons.add(daemon);
    return daemon;
  }

  /** Clients that find no master wait 20 seconds before they try again. */
  private void awaitListening() throws Exception {
    for (int tries = 0; tries < 300; tries++) {
      try {
        new Socket(InetAddress.getLoopbackAddress(), port).close();
        return;
      } catch (IOException notYet) {
        Thread.sleep(100);
      }
    }
    throw new IllegalStateException("Cannot reach the master: port " + port + " (see target)");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    for (Process daemon : daemons) {
      daemon.descendants().forEach(ProcessHandle::destroy);
      daemon.destroy();
    }
  }
}
