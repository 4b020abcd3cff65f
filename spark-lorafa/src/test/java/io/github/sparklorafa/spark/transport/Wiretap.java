package io.github.sparklorafa.spark.transport;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** Stands between a worker and those who call it, passes all bytes on and keeps those called in. */
final class Wiretap implements AutoCloseable {
  private final ServerSocket listener;
  private final int target;
  private final List<Socket> sockets = new ArrayList<>();
  private final ByteArrayOutputStream requests = new ByteArrayOutputStream();
  private final ByteArrayOutputStream answers = new ByteArrayOutputStream();

  private Wiretap(ServerSocket listener, int target) {
    this.listener = listener;
    this.target = target;
  }

  static Wiretap before(int port) throws IOException {
    Wiretap tap = new Wiretap(new ServerSocket(0, 8, InetAddress.getLoopbackAddress()), port);
    start(tap::accept);
    return tap;
  }

  /** The same offer with this port in the place of the worker's. */
  String tapped(String offer) {
    Offer real = Offer.of(offer);
    return new Offer(real.host(), listener.getLocalPort(), real.token()).text();
  }

  byte[] requests() {
    synchronized (requests) {
      return requests.toByteArray();
    }
  }

  byte[] answers() {
    synchronized (answers) {
      return answers.toByteArray();
    }
  }

  private void accept() throws IOException {
    while (true) {
      Socket caller = listener.accept();
      Socket worker = new Socket(InetAddress.getLoopbackAddress(), target);
      synchronized (sockets) {
        sockets.add(caller);
        sockets.add(worker);
      }
      start(() -> pass(caller, worker, requests));
      start(() -> pass(worker, caller, answers));
    }
  }

  private static void pass(Socket from, Socket to, ByteArrayOutputStream record)
      throws IOException {
    byte[] part = new byte[1 << 16];
    InputStream in = from.getInputStream();
    OutputStream out = to.getOutputStream();
    int count = in.read(part);
    while (count >= 0) {
      synchronized (record) {
        record.write(part, 0, count);
      }
      out.write(part, 0, count);
      count = in.read(part);
    }
    to.shutdownOutput();
  }

  private interface Task {
    void run() throws IOException;
  }

  private static void start(Task task) {
    Thread thread =
        new Thread(
            () -> {
              try {
                task.run();
              } catch (IOException e) {
                // One of the two hung up.
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    synchronized (sockets) {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }
}
