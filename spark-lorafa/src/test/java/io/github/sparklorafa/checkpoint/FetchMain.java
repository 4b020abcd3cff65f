package io.github.sparklorafa.checkpoint;

import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;

/** Another process of the host that fetches a folder and prints where it is. */
final class FetchMain {
  private FetchMain() {}

  /** Arguments: the folder on "the cluster", the location, the cache. */
  public static void main(String[] args) {
    Configuration configuration = RemoteFolderTest.cluster(Path.of(args[0]));
    System.out.println(RemoteFolder.fetch(args[1], Path.of(args[2]), configuration));
  }
}
