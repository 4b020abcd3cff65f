package io.github.sparklorafa.spark.stage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * How much memory the kernel lets this process' control groups have: the smallest limit of its own
 * group and of those around it, under version 1 and 2 of cgroups.
 *
 * <p>A container sees its own group as the root, or, without a cgroup namespace, reads in {@code
 * /proc/self/cgroup} the path that the host knows; what of that path is not there is passed over.
 */
final class ContainerLimit {
  private ContainerLimit() {}

  /**
   * In bytes, or empty where there is none.
   *
   * @param root of the file system, {@code /}
   */
  static OptionalLong bytes(Path root) {
    return lines(root.resolve("proc/self/cgroup"))
        .map(line -> List.of(line.split(":", 3)))
        .filter(fields -> fields.size() == 3)
        .flatMapToLong(fields -> limits(root.resolve("sys/fs/cgroup"), fields))
        .min();
  }

  /**
   * @param fields number of the hierarchy, its controllers (none in version 2), path of the group
   */
  private static LongStream limits(Path mount, List<String> fields) {
    if (fields.get(1).isEmpty()) {
      return limits(mount, fields.get(2), "memory.max");
    }
    return Arrays.asList(fields.get(1).split(",")).contains("memory")
        ? limits(mount.resolve("memory"), fields.get(2), "memory.limit_in_bytes")
        : LongStream.empty();
  }

  private static LongStream limits(Path mount, String group, String file) {
    Path inner = mount.resolve(group.replaceFirst("^/+", "")).normalize();
    return Stream.iterate(
            inner.startsWith(mount) ? inner : mount,
            folder -> folder != null && folder.startsWith(mount),
            Path::getParent)
        .flatMap(folder -> lines(folder.resolve(file)))
        // Where there is no limit, version 2 writes max, and version 1 a number of 19 digits.
        .filter(line -> line.matches("\\d{1,18}"))
        .mapToLong(line -> Long.parseLong(line));
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.exists(file) ? Files.readAllLines(file).stream() : Stream.of();
    } catch (IOException e) {
      return Stream.of();
    }
  }
}
