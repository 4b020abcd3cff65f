package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against the files that kernels show, under a root of our own. */
class ContainerLimitTest {
  private static final String V1 = "memory/memory.limit_in_bytes";
  private static final String NO_LIMIT_OF_V1 = "9223372036854771712";

  @TempDir Path root;

  @BeforeEach
  void versionOneAsKernelsShowIt() throws IOException {
    groups("9:name=systemd:/", "7:cpu,cpuacct:/a/b", "4:memory:/a/b", "0::/");
  }

  private void groups(String... lines) throws IOException {
    write("proc/self/cgroup", String.join("\n", lines));
  }

  private void write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text + "\n");
  }

  private void limit(String file, String text) throws IOException {
    write("sys/fs/cgroup/" + file, text);
  }

  @Test
  void versionTwoInAContainer() throws IOException {
    groups("0::/");
    limit("memory.max", "4294967296");
    assertThat(ContainerLimit.bytes(root)).hasValue(4L << 30);
    limit("memory.max", "max");
    assertThat(ContainerLimit.bytes(root)).isEmpty();
  }

  @Test
  void theSmallestOfNestedGroupsHolds() throws IOException {
    groups("0::/kubepods.slice/pod1.slice/container:with colon");
    limit("kubepods.slice/memory.max", "3000000000");
    limit("kubepods.slice/pod1.slice/memory.max", "1000000000");
    limit("kubepods.slice/pod1.slice/container:with colon/memory.max", "2000000000");
    limit("kubepods.slice/pod2.slice/memory.max", "5");
    assertThat(ContainerLimit.bytes(root)).hasValue(1_000_000_000);
    limit("kubepods.slice/pod1.slice/memory.max", "max");
    assertThat(ContainerLimit.bytes(root)).hasValue(2_000_000_000);
  }

  @Test
  void versionOneWithAndWithoutLimits() throws IOException {
    limit(V1, NO_LIMIT_OF_V1);
    limit("memory/a/memory.limit_in_bytes", NO_LIMIT_OF_V1);
    limit("memory/a/b/memory.limit_in_bytes", NO_LIMIT_OF_V1);
    limit("cpu,cpuacct/a/b/memory.limit_in_bytes", "7");
    assertThat(ContainerLimit.bytes(root)).isEmpty();
    limit("memory/a/memory.limit_in_bytes", "2147483648");
    assertThat(ContainerLimit.bytes(root)).hasValue(2L << 30);
  }

  /** The path is the host's, while the container's own group is mounted as the root. */
  @Test
  void versionOneInAContainerThatSeesTheHostsPath() throws IOException {
    groups("4:cpuset,memory:/docker/0123456789abcdef");
    limit(V1, "536870912");
    assertThat(ContainerLimit.bytes(root)).hasValue(512L << 20);
  }

  @Test
  void groupsOutsideTheNamespaceAndBrokenFilesAreNoMatter() throws IOException {
    groups("0::/../../other", "nonsense", "");
    write("other/memory.max", "5");
    limit("memory.max", "1000");
    assertThat(ContainerLimit.bytes(root)).hasValue(1000);
    limit("memory.max", "99999999999999999999");
    assertThat(ContainerLimit.bytes(root)).isEmpty();
    Files.delete(root.resolve("proc/self/cgroup"));
    assertThat(ContainerLimit.bytes(root)).isEmpty();
  }
}
