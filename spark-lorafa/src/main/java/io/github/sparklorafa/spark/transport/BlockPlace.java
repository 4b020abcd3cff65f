package io.github.sparklorafa.spark.transport;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.storage.BlockManagerId;

/**
 * Where a worker's blocks are: what is known of its executor's block manager.
 *
 * @param executor id
 * @param host that the block manager listens on
 * @param port of it
 */
record BlockPlace(String executor, String host, int port) {
  private static final Pattern TEXT = Pattern.compile("(.*?)@(.*)#(\\d+)");

  static BlockPlace of(BlockManagerId id) {
    return new BlockPlace(id.executorId(), id.host(), id.port());
  }

  /** One line of text without spaces. */
  String text() {
    return executor + "@" + host + "#" + port;
  }

  /**
   * The inverse of {@link #text}.
   *
   * @throws IllegalArgumentException if it isn't one
   */
  static BlockPlace of(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("its offer isn't one");
    }
    return new BlockPlace(matcher.group(1), matcher.group(2), Integer.parseInt(matcher.group(3)));
  }
}
