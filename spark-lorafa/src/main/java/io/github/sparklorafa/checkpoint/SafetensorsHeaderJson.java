package io.github.sparklorafa.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the JSON of a safetensors header token by token, checking each entry by itself.
 *
 * <p>No tree is built: a header of a hundred megabytes of nonsense costs no more memory than its
 * bytes. Entries with a problem are reported and left out of {@link #tensors()}.
 */
final class SafetensorsHeaderJson {
  /** The format needs three levels; more is nonsense and could exhaust the stack elsewhere. */
  private static final int DEEPEST = 8;

  /** What libtorch can iterate over. */
  private static final int MOST_DIMENSIONS = 64;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
          .configure(JsonFactory.Feature.INTERN_FIELD_NAMES, false)
          .configure(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES, false)
          .build();

  private final Problems problems;
  private final long dataStart;
  private final long dataBytes;
  private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();

  SafetensorsHeaderJson(Problems problems, long dataStart, long fileBytes) {
    this.problems = problems;
    this.dataStart = dataStart;
    this.dataBytes = fileBytes - dataStart;
  }

  Map<String, StoredTensor> tensors() {
    return tensors;
  }

  Map<String, String> metadata() {
    return metadata;
  }

  void parse(byte[] json) {
    if (json.length == 0 || json[0] != '{') {
      problems.add("the header is not a JSON object");
      return;
    }
    // The parser lets some of it pass inside names.
    if (!isUtf8(json)) {
      problems.add("the header is not UTF-8");
      return;
    }
    try (JsonParser parser = JSON.createParser(json)) {
      parser.nextToken();
      Set<String> seen = new HashSet<>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        if (!seen.add(name)) {
          problems.add("the name " + Problems.quote(name) + " appears twice");
          parser.skipChildren();
        } else if (name.equals(SafetensorsHeader.METADATA)) {
          metadata(parser);
        } else {
          tensor(name, parser);
        }
        if (problems.enough()) {
          return;
        }
      }
      if (parser.nextToken() != null) {
        problems.add("the header goes on after its JSON object");
      }
    } catch (JsonProcessingException e) {
      problems.add("the header is not valid JSON: " + Problems.quote(e.getOriginalMessage()));
    } catch (IOException e) {
      problems.add("the header is not valid JSON: " + Problems.quote(String.valueOf(e)));
    }
  }

  private static boolean isUtf8(byte[] text) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer bytes = ByteBuffer.wrap(text);
    CharBuffer piece = CharBuffer.allocate(1 << 13);
    CoderResult result;
    do {
      piece.clear();
      result = decoder.decode(bytes, piece, true);
    } while (result.isOverflow());
    return !result.isError();
  }

  private void metadata(JsonParser parser) throws IOException {
    if (!parser.isExpectedStartObjectToken()) {
      problems.add(SafetensorsHeader.METADATA + " is not a JSON object");
      parser.skipChildren();
      return;
    }
    while (!problems.enough() && parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_STRING) {
        problems.add(SafetensorsHeader.METADATA + ": " + Problems.quote(key) + " is not a string");
        parser.skipChildren();
      } else if (metadata.putIfAbsent(key, parser.getText()) != null) {
        problems.add(SafetensorsHeader.METADATA + ": " + Problems.quote(key) + " appears twice");
      }
    }
  }

  private void tensor(String name, JsonParser parser) throws IOException {
    Entry entry = new Entry(name);
    if (parser.isExpectedStartObjectToken()) {
      entry.read(parser);
    } else {
      entry.refuse("is not described by a JSON object");
      parser.skipChildren();
    }
    entry.finish();
  }

  /** One tensor's description while it is read. */
  private final class Entry {
    private final String name;
    private final Set<String> seen = new HashSet<>();
    private String dtypeName;
    private Optional<StoredDType> dtype = Optional.empty();
    private List<Long> shape;
    private List<Long> offsets;
    private boolean refused;

    Entry(String name) {
      this.name = name;
    }

    void refuse(String problem) {
      refused = true;
      problems.add("tensor " + Problems.quote(name) + ": " + problem);
    }

    void read(JsonParser parser) throws IOException {
      while (!problems.enough() && parser.nextToken() != JsonToken.END_OBJECT) {
        String key = parser.currentName();
        parser.nextToken();
        if (!seen.add(key)) {
          refuse("the key " + Problems.quote(key) + " appears twice");
          parser.skipChildren();
          continue;
        }
        switch (key) {
          case SafetensorsHeader.DTYPE -> dtype(parser);
          case SafetensorsHeader.SHAPE -> shape = integers(key, parser);
          case SafetensorsHeader.DATA_OFFSETS -> offsets = integers(key, parser);
          default -> {
            refuse("the key " + Problems.quote(key) + " is not known");
            parser.skipChildren();
          }
        }
      }
      for (String key :
          List.of(
              SafetensorsHeader.DTYPE, SafetensorsHeader.SHAPE, SafetensorsHeader.DATA_OFFSETS)) {
        if (!seen.contains(key)) {
          refuse("the key " + key + " is missing");
        }
      }
    }

    private void dtype(JsonParser parser) throws IOException {
      if (parser.currentToken() != JsonToken.VALUE_STRING) {
        refuse("dtype is not a string");
        parser.skipChildren();
        return;
      }
      dtypeName = parser.getText();
      dtype = StoredDType.of(dtypeName);
      if (dtype.isEmpty()) {
        refuse("dtype " + Problems.quote(dtypeName) + " is not known");
      }
    }

    /** A list of non-negative integers, or null after a complaint. */
    private List<Long> integers(String key, JsonParser parser) throws IOException {
      if (!parser.isExpectedStartArrayToken()) {
        refuse(key + " is not a list");
        parser.skipChildren();
        return null;
      }
      List<Long> values = new ArrayList<>();
      boolean good = true;
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        boolean integer =
            parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
        if (!integer || parser.getLongValue() < 0 || values.size() == MOST_DIMENSIONS) {
          // One complaint for a list, however long it goes on.
          if (good) {
            refuse(complaint(key, parser, values.size()));
          }
          good = false;
          parser.skipChildren();
        } else {
          values.add(parser.getLongValue());
        }
      }
      return good ? values : null;
    }

    private String complaint(String key, JsonParser parser, int position) throws IOException {
      if (position == MOST_DIMENSIONS) {
        return key + " has more than " + MOST_DIMENSIONS + " numbers";
      }
      return "%s holds %s, which is not an integer from 0 to 2^63-1"
          .formatted(key, Problems.quote(parser.getText()));
    }

    void finish() {
      if (shape != null && dtype.isPresent() && !refused) {
        long bytes = bytes(dtype.get());
        if (bytes >= 0) {
          place(dtype.get(), bytes);
        }
      } else if (offsets != null) {
        checkOffsets();
      }
    }

    /** Bytes that shape and dtype ask for, or −1 after a complaint. */
    private long bytes(StoredDType type) {
      try {
        long bits = type.bits();
        for (long dimension : shape) {
          bits = Math.multiplyExact(bits, dimension);
        }
        if (bits % 8 == 0) {
          return bits / 8;
        }
        refuse("shape " + shape + " of " + type + " does not end at a whole byte");
      } catch (ArithmeticException e) {
        refuse("shape " + shape + " of " + type + " has more bytes than 64 bits can count");
      }
      checkOffsets();
      return -1;
    }

    private void place(StoredDType type, long bytes) {
      if (!checkOffsets()) {
        return;
      }
      long begin = offsets.get(0);
      long end = offsets.get(1);
      if (end - begin != bytes) {
        refuse(
            "data_offsets %s hold %d bytes, but shape %s of %s needs %d"
                .formatted(offsets, end - begin, shape, type, bytes));
      } else if ((dataStart + begin) % type.alignment() != 0) {
        refuse(
            "begins at byte %d of the file, which is not a multiple of the %d bytes of %s"
                .formatted(dataStart + begin, type.alignment(), type));
      } else {
        tensors.put(name, new StoredTensor(name, type, shape, begin, end));
      }
    }

    private boolean checkOffsets() {
      if (offsets == null) {
        return false;
      }
      if (offsets.size() != 2) {
        refuse("data_offsets has " + offsets.size() + " numbers instead of 2");
        return false;
      }
      if (offsets.get(0) > offsets.get(1)) {
        refuse("data_offsets " + offsets + " end before they begin");
        return false;
      }
      if (offsets.get(1) > dataBytes) {
        refuse(
            "data_offsets %s reach past the file's data of %d bytes".formatted(offsets, dataBytes));
        return false;
      }
      return true;
    }
  }
}
