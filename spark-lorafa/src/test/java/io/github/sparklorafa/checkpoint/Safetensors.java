package io.github.sparklorafa.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Safetensors files made byte by byte, good or bad. */
final class Safetensors {
  private Safetensors() {}

  /** A file of that JSON and that many bytes of data. */
  static Path file(Path folder, String json, int dataBytes) {
    return file(folder, json, new byte[dataBytes]);
  }

  static Path file(Path folder, String json, byte[] data) {
    byte[] header = json.getBytes(StandardCharsets.UTF_8);
    return file(folder, header.length, header, data);
  }

  static Path file(Path folder, long jsonBytes, byte[] header, byte[] data) {
    return file(
        folder,
        ByteBuffer.allocate(8 + header.length + data.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(jsonBytes)
            .put(header)
            .put(data)
            .array());
  }

  static Path file(Path folder, byte[] bytes) {
    try {
      return Files.write(folder.resolve("model.safetensors"), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** JSON of a length that is a multiple of 8, as writers make it. */
  static String padded(String json) {
    return json + " ".repeat((8 - json.length() % 8) % 8);
  }

  /** One tensor's description. */
  static String tensor(String name, String dtype, String shape, String offsets) {
    return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}"
        .formatted(name, dtype, shape, offsets);
  }
}
