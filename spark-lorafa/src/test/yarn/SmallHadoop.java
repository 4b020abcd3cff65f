import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.MiniYARNCluster;

/**
 * YARN with two node managers and HDFS, in this process, on the loopback address: {@code java -cp
 * JARS SmallHadoop.java FOLDER} writes what clients need to FOLDER/conf, prints {@code ready}, and
 * ends with its standard input.
 */
final class SmallHadoop {
  private SmallHadoop() {}

  public static void main(String[] args) {
    try {
      run(Path.of(args[0]).toAbsolutePath());
      Runtime.getRuntime().halt(0);
    } catch (Exception | LinkageError e) {
      e.printStackTrace();
      Runtime.getRuntime().halt(1);
    }
  }

  private static void run(Path folder) throws Exception {
    Configuration settings = settings(folder);
    MiniDFSCluster hdfs = new MiniDFSCluster.Builder(settings).numDataNodes(1).format(true).build();
    settings.set("fs.defaultFS", hdfs.getURI().toString());
    MiniYARNCluster yarn = new MiniYARNCluster("small", 2, 1, 1);
    yarn.init(settings);
    yarn.start();
    Path conf = Files.createDirectories(folder.resolve("conf"));
    write(yarn.getConfig(), conf.resolve("core-site.xml"), "fs.defaultFS");
    write(
        yarn.getConfig(),
        conf.resolve("yarn-site.xml"),
        "yarn.resourcemanager.address",
        "yarn.resourcemanager.scheduler.address");
    System.out.println("ready");
    while (System.in.read() >= 0) {
      // Until whoever started this has gone.
    }
  }

  private static Configuration settings(Path folder) {
    Configuration settings = new YarnConfiguration();
    settings.set("hadoop.tmp.dir", folder.resolve("tmp").toString());
    settings.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.resolve("dfs").toString());
    settings.set("test.build.data", folder.resolve("yarn").toString());
    settings.set("yarn.scheduler.minimum-allocation-mb", "128");
    settings.set("yarn.scheduler.capacity.root.queues", "default");
    settings.set("yarn.scheduler.capacity.root.default.capacity", "100");
    settings.set("yarn.scheduler.capacity.maximum-am-resource-percent", "1");
    settings.set("yarn.nodemanager.vmem-check-enabled", "false");
    settings.set(
        "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage", "100");
    return settings;
  }

  private static void write(Configuration all, Path file, String... names) throws IOException {
    Configuration some = new Configuration(false);
    for (String name : names) {
      some.set(name, all.get(name));
    }
    some.set("yarn.application.classpath", ".");
    try (OutputStream out = Files.newOutputStream(file)) {
      some.writeXml(out);
    }
  }
}
