package io.github.sparklorafa.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a SentencePiece file ({@code tokenizer.model}, {@code spiece.model}) says: a protocol
 * buffer, {@code sentencepiece_model.proto}, of which only these fields are read.
 *
 * @param pieces by their ids
 * @param algorithm {@link #UNIGRAM} or {@link #BPE}
 * @param unknown id of the piece for what no other covers
 * @param charsmap the compiled rules of normalisation; empty if there are none
 */
@SuppressWarnings("ArrayRecordComponent") // made and read within a call
record SentencePieceModel(List<Piece> pieces, int algorithm, int unknown, byte[] charsmap) {
  static final int UNIGRAM = 1;
  static final int BPE = 2;

  /**
   * A piece of text.
   *
   * @param text with U+2581 for a space
   * @param score log probability, or the negative rank of a merge
   * @param type one of the constants
   */
  record Piece(String text, float score, int type) {
    static final int NORMAL = 1;
    static final int CONTROL = 3;
    static final int USER_DEFINED = 4;
  }

  /**
   * Reads a file's bytes.
   *
   * @throws IOException if they are no SentencePiece model
   */
  static SentencePieceModel parse(byte[] bytes) throws IOException {
    Reader file = new Reader(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    List<Piece> pieces = new ArrayList<>();
    int[] trained = {UNIGRAM, 0};
    byte[][] charsmap = {new byte[0]};
    while (file.next()) {
      switch (file.field) {
        case 1 -> pieces.add(piece(file.message()));
        case 2 -> {
          Reader trainer = file.message();
          while (trainer.next()) {
            if (trainer.field == 3) {
              trained[0] = (int) trainer.number;
            } else if (trainer.field == 40) {
              trained[1] = (int) trainer.number;
            }
          }
        }
        case 3 -> {
          Reader normalizer = file.message();
          while (normalizer.next()) {
            charsmap[0] = normalizer.field == 2 ? normalizer.bytes() : charsmap[0];
          }
        }
        default -> {}
      }
    }
    if (pieces.isEmpty() || trained[1] < 0 || trained[1] >= pieces.size()) {
      throw notOne();
    }
    return new SentencePieceModel(List.copyOf(pieces), trained[0], trained[1], charsmap[0]);
  }

  private static Piece piece(Reader message) throws IOException {
    String text = "";
    float score = 0;
    int type = Piece.NORMAL;
    while (message.next()) {
      switch (message.field) {
        case 1 -> text = new String(message.bytes(), StandardCharsets.UTF_8);
        case 2 -> score = Float.intBitsToFloat((int) message.number);
        case 3 -> type = (int) message.number;
        default -> {}
      }
    }
    return new Piece(text, score, type);
  }

  private static IOException notOne() {
    return new IOException("it is not a SentencePiece model");
  }

  /** The fields of a message, one after another. */
  private static final class Reader {
    private final ByteBuffer in;
    private int field;
    private long number;
    private ByteBuffer content;

    Reader(ByteBuffer in) {
      this.in = in;
    }

    boolean next() throws IOException {
      if (!in.hasRemaining()) {
        return false;
      }
      long tag = varint();
      field = (int) (tag >>> 3);
      content = null;
      switch ((int) (tag & 7)) {
        case 0 -> number = varint();
        case 1 -> number = need(8).getLong();
        case 2 -> content = slice(varint());
        case 5 -> number = need(4).getInt();
        default -> throw notOne();
      }
      return true;
    }

    Reader message() throws IOException {
      if (content == null) {
        throw notOne();
      }
      return new Reader(content);
    }

    byte[] bytes() throws IOException {
      if (content == null) {
        throw notOne();
      }
      byte[] bytes = new byte[content.remaining()];
      content.get(bytes);
      return bytes;
    }

    private ByteBuffer slice(long length) throws IOException {
      if (length < 0 || length > in.remaining()) {
        throw notOne();
      }
      ByteBuffer slice = in.slice(in.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
      in.position(in.position() + (int) length);
      return slice;
    }

    private ByteBuffer need(int bytes) throws IOException {
      if (in.remaining() < bytes) {
        throw notOne();
      }
      return in;
    }

    private long varint() throws IOException {
      long value = 0;
      for (int shift = 0; shift < 64; shift += 7) {
        byte part = need(1).get();
        value |= (long) (part & 0x7f) << shift;
        if (part >= 0) {
          return value;
        }
      }
      throw notOne();
    }
  }
}
