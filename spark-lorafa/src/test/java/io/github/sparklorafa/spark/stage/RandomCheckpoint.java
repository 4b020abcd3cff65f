package io.github.sparklorafa.spark.stage;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparklorafa.checkpoint.ModelConfigParser;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;

/** A LLaMA as the reference's, but of random weights and with the reference's whole tokenizer. */
public final class RandomCheckpoint {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double DEVIATION = 0.2;

  private RandomCheckpoint() {}

  /** Writes it with a chat template. */
  public static void write(Path folder, String chatTemplate) throws IOException {
    Files.createDirectories(folder);
    Path source = TrainingCluster.reference("llama-gqa/config.json");
    ObjectNode config = (ObjectNode) JSON.readTree(source.toFile());
    config.put("vocab_size", 420).put("max_position_embeddings", 512);
    JSON.writeValue(folder.resolve("config.json").toFile(), config);
    weights(
        ModelConfigParser.fromJson(config.toString()).tensors(),
        folder.resolve("model.safetensors"));
    for (String name : new String[] {"tokenizer.json", "tokenizer_config.json"}) {
      Files.copy(TrainingCluster.reference("tokenizer/" + name), folder.resolve(name));
    }
    Files.writeString(folder.resolve("chat_template.jinja"), chatTemplate);
  }

  private static void weights(Map<String, long[]> tensors, Path file) throws IOException {
    ObjectNode header = JSON.createObjectNode();
    int bytes = 0;
    for (Map.Entry<String, long[]> tensor : tensors.entrySet()) {
      ObjectNode entry = header.putObject(tensor.getKey()).put("dtype", "F32");
      Arrays.stream(tensor.getValue()).forEach(entry.putArray("shape")::add);
      int end = bytes + Math.toIntExact(4 * count(tensor.getValue()));
      entry.putArray("data_offsets").add(bytes).add(end);
      bytes = end;
    }
    String json = header.toString();
    String aligned = json + " ".repeat(7 - (json.length() + 7) % 8);
    byte[] text = aligned.getBytes(StandardCharsets.UTF_8);
    ByteBuffer numbers = ByteBuffer.allocate(8 + bytes).order(ByteOrder.LITTLE_ENDIAN);
    numbers.putLong(text.length);
    Random random = new Random(5);
    for (Map.Entry<String, long[]> tensor : tensors.entrySet()) {
      double mean = tensor.getKey().contains("norm") ? 1 : 0;
      for (long i = 0; i < count(tensor.getValue()); i++) {
        numbers.putFloat((float) (mean + DEVIATION * random.nextGaussian()));
      }
    }
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(numbers.array(), 0, 8);
      out.write(text);
      out.write(numbers.array(), 8, bytes);
    }
  }

  private static long count(long[] shape) {
    return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
  }
}
