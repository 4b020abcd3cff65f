package io.github.sparklorafa.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of a safetensors file, checked completely before a byte of data is used.
 *
 * <p>A file is an unsigned 64-bit little-endian length, that many bytes of JSON, and the data.
 * Guaranteed of what {@link #read} returns: every tensor lies inside the file at an address that
 * its dtype allows, has as many bytes as its shape says, and the tensors cover the data without
 * overlap or gap, which is the format's rule too.
 */
final class SafetensorsHeader {
  static final String METADATA = "__metadata__";
  static final String DTYPE = "dtype";
  static final String SHAPE = "shape";
  static final String DATA_OFFSETS = "data_offsets";

  /** Bytes of the length before the JSON. */
  static final int LENGTH_BYTES = Long.BYTES;

  /** The largest JSON in bytes; the format's reference implementation has the same limit. */
  static final long MAX_JSON_BYTES = 100_000_000;

  private final Map<String, StoredTensor> tensors;
  private final Map<String, String> metadata;
  private final long dataStart;

  private SafetensorsHeader(
      Map<String, StoredTensor> tensors, Map<String, String> metadata, long dataStart) {
    this.tensors = tensors;
    this.metadata = metadata;
    this.dataStart = dataStart;
  }

  /** Tensors by name, in the order of their data. */
  Map<String, StoredTensor> tensors() {
    return tensors;
  }

  Map<String, String> metadata() {
    return metadata;
  }

  /** The file position in bytes that all offsets count from. */
  long dataStart() {
    return dataStart;
  }

  /**
   * Reads and checks the header of a local file.
   *
   * @throws IllegalArgumentException naming every problem of the header
   */
  static SafetensorsHeader read(Path file) {
    Problems problems =
        new Problems("Cannot read safetensors file: " + file, "download or write the file again");
    InputFiles.problem(file).ifPresent(problems::add);
    problems.throwIfAny();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return read(channel, channel.size(), problems);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot read safetensors file: %s: %s (check the disk, and that nobody writes to it)"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  /**
   * Reads and checks the header at the start of any file.
   *
   * @param name of the file, for messages
   */
  static SafetensorsHeader read(String name, ReadableByteChannel channel, long fileBytes)
      throws IOException {
    return read(
        channel,
        fileBytes,
        new Problems("Cannot read safetensors file: " + name, "download or write the file again"));
  }

  private static SafetensorsHeader read(
      ReadableByteChannel channel, long fileBytes, Problems problems) throws IOException {
    if (fileBytes < LENGTH_BYTES) {
      problems.add(
          "the file has %d bytes, fewer than the %d of the header's length"
              .formatted(fileBytes, LENGTH_BYTES));
      problems.throwIfAny();
    }
    ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    readFully(channel, length);
    long jsonBytes = length.getLong(0);
    if (jsonBytes < 0 || jsonBytes > fileBytes - LENGTH_BYTES) {
      problems.add(
          "the header's length of %s bytes is longer than the file of %d bytes"
              .formatted(Long.toUnsignedString(jsonBytes), fileBytes));
    }
    if (jsonBytes < 0 || jsonBytes > MAX_JSON_BYTES) {
      problems.add(
          "the header's length of %s bytes is above the format's limit of %d bytes"
              .formatted(Long.toUnsignedString(jsonBytes), MAX_JSON_BYTES));
    }
    problems.throwIfAny();
    ByteBuffer json = ByteBuffer.allocate((int) jsonBytes);
    readFully(channel, json);
    return parse(json.array(), fileBytes, problems);
  }

  private static void readFully(ReadableByteChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      int n = channel.read(buffer);
      if (n < 0) {
        throw new IOException("the file became shorter while it was read");
      }
    }
  }

  private static SafetensorsHeader parse(byte[] json, long fileBytes, Problems problems) {
    long dataStart = LENGTH_BYTES + (long) json.length;
    SafetensorsHeaderJson header = new SafetensorsHeaderJson(problems, dataStart, fileBytes);
    header.parse(json);
    List<StoredTensor> ordered = new ArrayList<>(header.tensors().values());
    ordered.sort(
        Comparator.comparingLong(StoredTensor::begin).thenComparingLong(StoredTensor::end));
    checkCover(ordered, fileBytes - dataStart, problems);
    problems.throwIfAny();
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    ordered.forEach(tensor -> tensors.put(tensor.name(), tensor));
    return new SafetensorsHeader(
        Collections.unmodifiableMap(tensors), Map.copyOf(header.metadata()), dataStart);
  }

  private static void checkCover(List<StoredTensor> ordered, long dataBytes, Problems problems) {
    // Where an entry was refused already, its bytes are a gap that says nothing new.
    boolean gapsCount = problems.isEmpty();
    long covered = 0;
    String before = null;
    for (StoredTensor tensor : ordered) {
      if (tensor.begin() < covered) {
        problems.add(
            "tensor %s at bytes %d to %d overlaps tensor %s, which ends at %d"
                .formatted(
                    Problems.quote(tensor.name()),
                    tensor.begin(),
                    tensor.end(),
                    Problems.quote(before),
                    covered));
      } else if (tensor.begin() > covered && gapsCount) {
        problems.add(
            "bytes %d to %d before tensor %s belong to no tensor"
                .formatted(covered, tensor.begin(), Problems.quote(tensor.name())));
      }
      if (tensor.end() > covered) {
        covered = tensor.end();
        before = tensor.name();
      }
    }
    if (covered < dataBytes && gapsCount) {
      problems.add(
          "%d bytes after the last tensor belong to no tensor".formatted(dataBytes - covered));
    }
  }
}
