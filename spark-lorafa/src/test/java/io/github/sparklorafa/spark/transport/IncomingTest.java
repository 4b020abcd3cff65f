package io.github.sparklorafa.spark.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.collective.Links.BrokenLinkException;
import io.github.sparklorafa.collective.Links.Lane;
import io.github.sparklorafa.collective.NativeBytes;
import io.github.sparklorafa.tensor.Natives;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.bytedeco.javacpp.BytePointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a peer's bytes, however they arrive. */
class IncomingTest {
  private static final int BYTES = 1000;
  private static final byte UNTOUCHED = 7;

  private BytePointer memory;
  private Inbox inbox;
  private Incoming incoming;

  /** Two places, one behind the other, and as much room around them. */
  @BeforeEach
  void open() {
    Natives.ensureLoaded();
    memory = new BytePointer(4L * BYTES);
    memory.fill(UNTOUCHED);
    inbox = new Inbox(2);
    inbox.expect(Lane.ADDEND, 1, new NativeBytes(memory.address() + BYTES, BYTES));
    inbox.expect(Lane.SUM, 1, new NativeBytes(memory.address() + 2L * BYTES, BYTES));
    incoming = new Incoming(1, inbox);
  }

  @AfterEach
  void close() {
    memory.close();
  }

  private static byte[] numbers(int seed, int count) {
    byte[] bytes = new byte[count];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static ByteBuf message(Label label, byte[] numbers) {
    ByteBuf bytes = Unpooled.buffer();
    label.writeTo(bytes);
    return bytes.writeBytes(numbers);
  }

  private byte[] at(long offset, int count) {
    byte[] bytes = new byte[count];
    memory.position(offset).get(bytes);
    memory.position(0);
    return bytes;
  }

  private void assertNothingTouchedAround() {
    byte[] before = new byte[BYTES];
    Arrays.fill(before, UNTOUCHED);
    assertThat(at(0, BYTES)).isEqualTo(before);
    assertThat(at(3L * BYTES, BYTES)).isEqualTo(before);
  }

  /** As parts of a length, and as they are read where room was asked for. */
  @ParameterizedTest
  @ValueSource(ints = {1, 16, 17, 18, 300, 5000})
  void putsMessagesInTheirPlacesHoweverTheyAreCut(int part) {
    for (boolean direct : new boolean[] {false, true}) {
      open();
      byte[] addend = numbers(1, BYTES);
      byte[] sum = numbers(2, BYTES - 4);
      ByteBuf all = message(new Label(Lane.SUM, 0, sum.length), sum);
      all.writeBytes(message(new Label(Lane.ADDEND, 0, BYTES), addend));
      while (all.isReadable()) {
        ByteBuf room = direct ? incoming.place() : null;
        ByteBuf read = room == null ? Unpooled.buffer() : room;
        int most = room == null ? part : Math.min(part, room.writableBytes());
        read.writeBytes(all, Math.min(most, all.readableBytes()));
        assertThat(incoming.handle(read)).isTrue();
        assertThat(read.isReadable()).isFalse();
      }

      inbox.await(Lane.SUM, 1, sum.length, Duration.ofSeconds(1));
      inbox.await(Lane.ADDEND, 1, BYTES, Duration.ofSeconds(1));
      assertThat(at(BYTES, BYTES)).isEqualTo(addend);
      assertThat(at(2L * BYTES, sum.length)).isEqualTo(sum);
      assertNothingTouchedAround();
      memory.close();
    }
  }

  @Test
  void leavesSparksFramesToSpark() {
    ByteBuf all = message(new Label(Lane.ADDEND, 0, BYTES), numbers(1, BYTES));
    all.writeLong(21).writeByte(3);

    assertThat(incoming.handle(all)).isFalse();

    assertThat(all.readableBytes()).isEqualTo(9);
    inbox.await(Lane.ADDEND, 1, BYTES, Duration.ofSeconds(1));
  }

  @Test
  void takesNothingThatIsNotDue() {
    for (Label label :
        new Label[] {
          new Label(Lane.ADDEND, 1, BYTES),
          new Label(Lane.ADDEND, 0, BYTES + 1),
          new Label(Lane.ADDEND, 0, 0),
          new Label(Lane.ADDEND, 0, -1),
          new Label(Lane.ADDEND, 0, Long.MAX_VALUE)
        }) {
      Incoming another = new Incoming(1, inbox);
      ByteBuf bytes = message(label, numbers(1, BYTES));
      assertThatThrownBy(() -> another.handle(bytes))
          .as(label.toString())
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(
            () -> new Incoming(1, inbox).handle(Unpooled.buffer().writeZero(17).setByte(0, 3)))
        .hasMessage("a message on lane 3");
    assertThat(at(BYTES, 2 * BYTES)).containsOnly(UNTOUCHED);
  }

  /** A second message of a lane has no place before it is expected. */
  @Test
  void randomBytesNeverLeaveTheirPlaces() {
    Random random = new Random(11);
    for (int time = 0; time < 20_000; time++) {
      Incoming another = new Incoming(1, inbox);
      byte[] bytes = numbers(random.nextInt(), 1 + random.nextInt(3 * BYTES));
      if (time % 2 == 0 && bytes.length > Label.BYTES) {
        ByteBuf label = Unpooled.wrappedBuffer(bytes).clear();
        long count = time % 4 == 0 ? random.nextInt(2 * BYTES) : random.nextLong();
        new Label(Lane.values()[random.nextInt(2)], random.nextInt(3), count).writeTo(label);
      }
      try {
        another.handle(Unpooled.wrappedBuffer(bytes));
      } catch (IllegalArgumentException refused) {
        assertThat(refused)
            .hasMessageMatching(
                "a message .*|message \\d+ where \\d+ was due|message -\\d+ where .*");
      }
    }
    assertNothingTouchedAround();
  }

  @Test
  void nothingIsTakenAfterAllIsClosed() {
    ByteBuf all = message(new Label(Lane.ADDEND, 0, BYTES), numbers(1, BYTES));
    incoming.handle(all.readSlice(100));
    byte[] before = at(BYTES, BYTES);

    inbox.closeMemory();

    assertThat(incoming.place()).isNull();
    incoming.handle(all);
    assertThat(at(BYTES, BYTES)).isEqualTo(before);
    inbox.lost(1, "its connection was closed");
    inbox.await(Lane.ADDEND, 1, BYTES, Duration.ofSeconds(1));
    assertThatThrownBy(() -> inbox.await(Lane.SUM, 1, BYTES, Duration.ofSeconds(1)))
        .isInstanceOf(BrokenLinkException.class);
  }
}
