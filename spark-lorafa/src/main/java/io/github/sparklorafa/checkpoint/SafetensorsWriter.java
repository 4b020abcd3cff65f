package io.github.sparklorafa.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Writes safetensors files that every reader of the format takes: header padded to 8 bytes,
 * metadata {@code format=pt}, tensors without gaps.
 *
 * <p>The numbers go from native memory to the stream in pieces of {@value #PIECE} numbers,
 * converted and brought to the CPU piece by piece, so that writing needs no second copy of the
 * weights.
 */
public final class SafetensorsWriter {
  private static final int PIECE = 1 << 22;
  private static final int HEADER_ALIGNMENT = 8;

  private SafetensorsWriter() {}

  /**
   * A tensor to be written.
   *
   * @param dtype in the file; the tensor itself may have another one
   * @param tensor made, in a scope of the writer, when it is written
   */
  public record Entry(String name, StoredDType dtype, List<Long> shape, Supplier<Tensor> tensor) {
    Entry(String name, StoredDType dtype, long[] shape, Supplier<Tensor> tensor) {
      this(name, dtype, LongStream.of(shape).boxed().toList(), tensor);
    }

    Entry(String name, DType dtype, Tensor tensor) {
      this(name, StoredDType.of(dtype), tensor.shape(), () -> tensor);
    }

    long bytes() {
      return shape.stream().reduce(1L, Math::multiplyExact) * dtype.alignment();
    }
  }

  /** Entries of one dtype, in the map's order. */
  public static List<Entry> entries(Map<String, Tensor> tensors, DType dtype) {
    return tensors.entrySet().stream()
        .map(tensor -> new Entry(tensor.getKey(), dtype, tensor.getValue()))
        .toList();
  }

  /**
   * Writes a local file, aside and then renamed; its folder is made where it is missing.
   *
   * @throws java.io.UncheckedIOException if that fails
   */
  public static void write(Path file, Collection<Entry> entries) {
    write(file, entries, Map.of());
  }

  /** The same with what is noted beside {@code format=pt}. */
  static void write(Path file, Collection<Entry> entries, Map<String, String> notes) {
    AtomicFiles.write(file, out -> write(out, entries, notes));
  }

  /**
   * Writes to a stream, which stays open.
   *
   * @throws IOException if the stream fails
   */
  public static void write(OutputStream out, Collection<Entry> entries) throws IOException {
    write(out, entries, Map.of());
  }

  private static void write(OutputStream out, Collection<Entry> entries, Map<String, String> notes)
      throws IOException {
    // Wide numbers first, so that each tensor begins at a multiple of its numbers' size.
    List<Entry> ordered =
        entries.stream()
            .sorted(Comparator.comparingInt((Entry entry) -> entry.dtype().alignment()).reversed())
            .toList();
    out.write(header(ordered, notes));
    WritableByteChannel channel = Channels.newChannel(out);
    for (Entry entry : ordered) {
      writeNumbers(entry, channel);
    }
    out.flush();
  }

  private static byte[] header(List<Entry> entries, Map<String, String> notes) throws IOException {
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    try (JsonGenerator generator = new JsonFactory().createGenerator(json)) {
      generator.writeStartObject();
      generator.writeObjectFieldStart(SafetensorsHeader.METADATA);
      generator.writeStringField("format", "pt");
      for (Map.Entry<String, String> note : new TreeMap<>(notes).entrySet()) {
        generator.writeStringField(note.getKey(), note.getValue());
      }
      generator.writeEndObject();
      Set<String> names = new HashSet<>(Set.of(SafetensorsHeader.METADATA));
      long begin = 0;
      for (Entry entry : entries) {
        if (!names.add(entry.name())) {
          throw new IllegalArgumentException(
              "Cannot write tensor: " + entry.name() + " (its name is taken)");
        }
        describe(entry, begin, generator);
        begin += entry.bytes();
      }
      generator.writeEndObject();
    }
    while (json.size() % HEADER_ALIGNMENT != 0) {
      json.write(' ');
    }
    return ByteBuffer.allocate(SafetensorsHeader.LENGTH_BYTES + json.size())
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.size())
        .put(json.toByteArray())
        .array();
  }

  private static void describe(Entry entry, long begin, JsonGenerator generator)
      throws IOException {
    generator.writeObjectFieldStart(entry.name());
    generator.writeStringField(SafetensorsHeader.DTYPE, entry.dtype().name());
    generator.writeArrayFieldStart(SafetensorsHeader.SHAPE);
    for (long size : entry.shape()) {
      generator.writeNumber(size);
    }
    generator.writeEndArray();
    generator.writeArrayFieldStart(SafetensorsHeader.DATA_OFFSETS);
    generator.writeNumber(begin);
    generator.writeNumber(begin + entry.bytes());
    generator.writeEndArray();
    generator.writeEndObject();
  }

  private static void writeNumbers(Entry entry, WritableByteChannel channel) throws IOException {
    try (Scope scope = new Scope()) {
      Tensor flat = entry.tensor().get().detach().contiguous().view(-1);
      long count = flat.numel();
      for (long start = 0; start < count; start += PIECE) {
        writePiece(flat, start, Math.min(PIECE, count - start), entry.dtype(), channel);
      }
    }
  }

  private static void writePiece(
      Tensor flat, long start, long count, StoredDType dtype, WritableByteChannel channel)
      throws IOException {
    try (Scope scope = new Scope()) {
      Tensor piece =
          flat.narrow(0, start, count).to(new Device(torch.DeviceType.CPU), dtype.scalarType());
      long bytes = count * dtype.alignment();
      ByteBuffer buffer = new BytePointer(piece.data_ptr()).capacity(bytes).asByteBuffer();
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    }
  }
}
