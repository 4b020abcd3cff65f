package io.github.sparklorafa.bigdl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * Reads event files as TensorFlow documents them: records of a length, its masked CRC-32C, an
 * {@code Event} and its masked CRC-32C; in an event, field 2 is the step, 3 the file's version, 5 a
 * summary, 7 a session's log; in a summary's value, 1 is the tag and 2 the number.
 */
final class EventRecords {
  private static final int MASK = 0xa282ead8;

  private EventRecords() {}

  /**
   * An event.
   *
   * @param version of the file, where it says that
   * @param tag empty where it is no number
   * @param restart whether it voids what is behind its step
   */
  record Event(long step, String version, String tag, float value, boolean restart) {}

  /** A field of a protocol buffer: a number, or bytes. */
  private record Field(int number, long value, ByteBuffer bytes) {}

  /** All events of the only file in a folder. */
  static List<Event> in(Path folder) throws IOException {
    Path file;
    try (Stream<Path> files = Files.list(folder)) {
      file = files.filter(path -> path.toString().contains(".tfevents.")).findFirst().orElseThrow();
    }
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<Event> events = new ArrayList<>();
    while (bytes.hasRemaining()) {
      int length = Math.toIntExact(bytes.getLong(bytes.position()));
      checked(bytes, Long.BYTES);
      events.add(event(checked(bytes, length)));
    }
    return events;
  }

  private static ByteBuffer checked(ByteBuffer from, int length) {
    ByteBuffer data = from.slice(from.position(), length).order(ByteOrder.LITTLE_ENDIAN);
    from.position(from.position() + length);
    CRC32C crc = new CRC32C();
    crc.update(data.duplicate());
    int sum = (int) crc.getValue();
    assertThat(from.getInt()).as("checksum").isEqualTo((sum >>> 15 | sum << 17) + MASK);
    return data;
  }

  private static Event event(ByteBuffer bytes) {
    long step = 0;
    String version = "";
    String tag = "";
    float value = Float.NaN;
    boolean restart = false;
    for (Field field : fields(bytes)) {
      switch (field.number()) {
        case 2 -> step = field.value();
        case 3 -> version = text(field.bytes());
        case 5 -> {
          List<Field> parts = fields(fields(field.bytes()).get(0).bytes());
          tag = text(parts.get(0).bytes());
          value = Float.intBitsToFloat((int) parts.get(1).value());
        }
        case 7 -> restart = fields(field.bytes()).get(0).value() == 1;
        default -> {} // the time
      }
    }
    return new Event(step, version, tag, value, restart);
  }

  private static List<Field> fields(ByteBuffer bytes) {
    List<Field> fields = new ArrayList<>();
    while (bytes.hasRemaining()) {
      long key = varint(bytes);
      int number = (int) (key >> 3);
      switch ((int) (key & 7)) {
        case 0 -> fields.add(new Field(number, varint(bytes), null));
        case 1 -> fields.add(new Field(number, bytes.getLong(), null));
        case 2 -> {
          int length = (int) varint(bytes);
          ByteBuffer part = bytes.slice(bytes.position(), length).order(ByteOrder.LITTLE_ENDIAN);
          bytes.position(bytes.position() + length);
          fields.add(new Field(number, 0, part));
        }
        default -> fields.add(new Field(number, bytes.getInt(), null));
      }
    }
    return fields;
  }

  private static long varint(ByteBuffer bytes) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = bytes.get();
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(bytes).toString();
  }
}
