import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.Set;

/**
 * Appends the native libraries of other jars to a jar, copying their compressed bytes as they are.
 *
 * <p>Usage: {@code java AppendNatives.java TARGET SOURCE...}. The shade plugin would unpack and
 * compress 450 MB again in each build, which takes 20 seconds; this takes a fraction of one.
 */
final class AppendNatives {
  private static final int LOCAL_HEADER = 0x04034b50;
  private static final int LOCAL_HEADER_BYTES = 30;
  private static final int CENTRAL_HEADER = 0x02014b50;
  private static final int CENTRAL_HEADER_BYTES = 46;
  private static final int END_OF_DIRECTORY = 0x06054b50;
  private static final int END_OF_DIRECTORY_BYTES = 22;
  private static final int DATA_DESCRIPTOR_FOLLOWS = 1 << 3;

  private final FileChannel out;
  private final ByteBuffer directory = buffer(16 << 20);
  private final Set<String> names = new HashSet<>();

  private AppendNatives(FileChannel out) {
    this.out = out;
  }

  public static void main(String[] args) throws IOException {
    Path target = Path.of(args[0]);
    Path joined = target.resolveSibling(target.getFileName() + ".joined");
    Files.deleteIfExists(joined);
    try (FileChannel out = FileChannel.open(joined, CREATE_NEW, WRITE)) {
      AppendNatives jar = new AppendNatives(out);
      jar.copy(target, false);
      for (int i = 1; i < args.length; i++) {
        jar.copy(Path.of(args[i]), true);
      }
      jar.finish();
    }
    Files.move(joined, target, StandardCopyOption.REPLACE_EXISTING);
  }

  private void copy(Path source, boolean nativesOnly) throws IOException {
    try (FileChannel in = FileChannel.open(source, READ)) {
      ByteBuffer file = in.map(FileChannel.MapMode.READ_ONLY, 0, in.size());
      file.order(ByteOrder.LITTLE_ENDIAN);
      int end = endOfDirectory(file, source);
      int header = file.getInt(end + 16);
      for (int left = Short.toUnsignedInt(file.getShort(end + 10)); left > 0; left--) {
        if (file.getInt(header) != CENTRAL_HEADER) {
          throw new IOException("Cannot read " + source + ": no directory entry at " + header);
        }
        String name = name(file, header);
        if ((!nativesOnly || name.matches(".*\\.so(\\.\\d+)*")) && names.add(name)) {
          copyEntry(in, file, header, name);
        }
        header +=
            CENTRAL_HEADER_BYTES
                + Short.toUnsignedInt(file.getShort(header + 28))
                + Short.toUnsignedInt(file.getShort(header + 30))
                + Short.toUnsignedInt(file.getShort(header + 32));
      }
    }
  }

  /** The sizes stand in the local header of the copy, so that no data descriptor follows it. */
  private void copyEntry(FileChannel in, ByteBuffer file, int header, String name)
      throws IOException {
    byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
    short flags = (short) (file.getShort(header + 8) & ~DATA_DESCRIPTOR_FOLLOWS);
    long offset = out.position();
    int oldLocal = file.getInt(header + 42);
    long data =
        oldLocal
            + LOCAL_HEADER_BYTES
            + Short.toUnsignedLong(file.getShort(oldLocal + 26))
            + Short.toUnsignedLong(file.getShort(oldLocal + 28));
    long bytes = Integer.toUnsignedLong(file.getInt(header + 20));

    ByteBuffer local = buffer(LOCAL_HEADER_BYTES + nameBytes.length);
    local.putInt(LOCAL_HEADER).putShort(file.getShort(header + 6)).putShort(flags);
    local.put(file.slice(header + 10, 18)).putShort((short) nameBytes.length).putShort((short) 0);
    write(local.put(nameBytes));
    for (long done = 0; done < bytes; ) {
      done += in.transferTo(data + done, bytes - done, out);
    }

    directory.put(file.slice(header, 8)).putShort(flags).put(file.slice(header + 10, 18));
    directory.putShort((short) nameBytes.length).putInt(0).put(file.slice(header + 34, 8));
    directory.putInt((int) offset).put(nameBytes);
  }

  private void finish() throws IOException {
    long start = out.position();
    int bytes = directory.position();
    if (start > Integer.MAX_VALUE || names.size() > 0xfffe) {
      throw new IOException("Cannot join: " + names.size() + " entries, " + start + " bytes");
    }
    write(directory);
    ByteBuffer end = buffer(END_OF_DIRECTORY_BYTES).putInt(END_OF_DIRECTORY).putInt(0);
    end.putShort((short) names.size()).putShort((short) names.size());
    write(end.putInt(bytes).putInt((int) start).putShort((short) 0));
  }

  private void write(ByteBuffer buffer) throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      out.write(buffer);
    }
  }

  private static int endOfDirectory(ByteBuffer file, Path source) throws IOException {
    for (int at = file.limit() - END_OF_DIRECTORY_BYTES; at >= 0; at--) {
      if (file.getInt(at) == END_OF_DIRECTORY) {
        return at;
      }
    }
    throw new IOException("Cannot read " + source + ": not a jar");
  }

  private static String name(ByteBuffer file, int header) {
    byte[] bytes = new byte[Short.toUnsignedInt(file.getShort(header + 28))];
    file.get(header + CENTRAL_HEADER_BYTES, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
