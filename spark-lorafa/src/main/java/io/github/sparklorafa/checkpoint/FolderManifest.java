package io.github.sparklorafa.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/**
 * The files of a folder with their lengths and checksums (CRC-32C, which processors compute faster
 * than disks read).
 */
record FolderManifest(List<Entry> files) {
  private static final String FILES = "files";
  private static final String NAME = "name";
  private static final String BYTES = "bytes";
  private static final String CRC32C_KEY = "crc32c";
  private static final int BUFFER_BYTES = 1 << 20;

  /** Names between slashes, none of them {@code .} or {@code ..}. */
  private static final Pattern INSIDE =
      Pattern.compile(
          "(?!\\.{1,2}(/|$))[^/\\\\:\\p{Cntrl}]+(/(?!\\.{1,2}(/|$))[^/\\\\:\\p{Cntrl}]+)*+");

  FolderManifest {
    files = List.copyOf(files);
  }

  /** One file. */
  record Entry(String name, long bytes, long crc32c) {}

  String toJson() {
    ObjectNode json = StrictJson.MAPPER.createObjectNode();
    ArrayNode array = json.putArray(FILES);
    for (Entry file : files) {
      array
          .addObject()
          .put(NAME, file.name())
          .put(BYTES, file.bytes())
          .put(CRC32C_KEY, file.crc32c());
    }
    return StrictJson.text(json);
  }

  /**
   * Parses what {@link #toJson} wrote.
   *
   * @throws IllegalArgumentException if it is something else
   */
  static FolderManifest fromJson(String json) {
    Problems problems = new Problems("Cannot read folder manifest", "write the folder again");
    JsonNode array = StrictJson.parse(json, problems).path(FILES);
    if (!array.isArray()) {
      problems.add(FILES + " is missing");
    }
    List<Entry> files = new ArrayList<>();
    for (JsonNode file : array) {
      if (file.path(NAME).isTextual()
          && INSIDE.matcher(file.path(NAME).textValue()).matches()
          && file.path(BYTES).canConvertToLong()
          && file.path(CRC32C_KEY).canConvertToLong()) {
        files.add(
            new Entry(
                file.path(NAME).textValue(),
                file.path(BYTES).longValue(),
                file.path(CRC32C_KEY).longValue()));
      } else {
        problems.add("an entry is incomplete, or outside the folder");
      }
    }
    problems.throwIfAny();
    return new FolderManifest(files);
  }

  /** What is different in a local folder: missing files, other lengths, other bytes. */
  List<String> differences(Path folder) {
    List<String> differences = new ArrayList<>();
    for (Entry file : files) {
      Path path = folder.resolve(file.name());
      try {
        if (!Files.isRegularFile(path)) {
          differences.add(file.name() + " is missing");
        } else if (Files.size(path) != file.bytes()) {
          differences.add(
              "%s has %d bytes instead of %d"
                  .formatted(file.name(), Files.size(path), file.bytes()));
        } else if (checksum(path) != file.crc32c()) {
          differences.add(file.name() + " has another checksum");
        }
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot read: " + path + " (check the disk)", e);
      }
    }
    return differences;
  }

  private static long checksum(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return copy(in, OutputStream.nullOutputStream(), file.toString()).crc32c();
    }
  }

  /** Copies a stream to its end and tells how many bytes it had, and their checksum. */
  static Entry copy(InputStream in, OutputStream out, String name) throws IOException {
    CheckedOutputStream checked = new CheckedOutputStream(out, new CRC32C());
    byte[] buffer = new byte[BUFFER_BYTES];
    long bytes = 0;
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      checked.write(buffer, 0, n);
      bytes += n;
    }
    return new Entry(name, bytes, checked.getChecksum().getValue());
  }
}
