package io.github.sparklorafa.bigdl;

import java.io.File;
import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** A folder of this machine under the name of a file system that only the session knows of. */
public final class LocalAsHdfs extends RawLocalFileSystem {
  static final String ROOT = "spark-lorafa.test.root";

  private URI uri;
  private String root;

  @Override
  public void initialize(URI name, Configuration conf) throws java.io.IOException {
    super.initialize(name, conf);
    uri = URI.create("hdfs://" + name.getAuthority());
    root = conf.get(ROOT);
    setWorkingDirectory(new Path("hdfs://" + name.getAuthority() + "/"));
  }

  @Override
  public URI getUri() {
    // The first call comes from the constructor of what this extends.
    return uri == null ? URI.create("hdfs:///") : uri;
  }

  @Override
  public File pathToFile(Path path) {
    return new File(root, path.toUri().getPath());
  }
}
