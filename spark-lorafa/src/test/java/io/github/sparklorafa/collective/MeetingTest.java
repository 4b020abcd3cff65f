package io.github.sparklorafa.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MeetingTest {
  @Test
  void nobodyGoesOnBeforeAllHaveCome() throws InterruptedException {
    List<Communicator> group = LocalCommunicator.group(2);
    AtomicInteger held = new AtomicInteger();
    CountDownLatch second = new CountDownLatch(1);
    CompletableFuture<Void> other =
        CompletableFuture.runAsync(
            () -> {
              try (Meeting meeting = new Meeting(group.get(1))) {
                meeting.hold();
                held.incrementAndGet();
                meeting.hold();
                held.incrementAndGet();
                second.countDown();
              }
            });
    try (Meeting meeting = new Meeting(group.get(0))) {
      meeting.hold();
      assertThat(held.get()).isLessThan(2);
      meeting.hold();
      second.await();
    }
    other.join();
    assertThat(held).hasValue(2);
  }

  @Test
  void refusesToMeetWhoIsAtAnotherPlace() {
    List<Communicator> group = LocalCommunicator.group(2);
    CompletableFuture<Void> other =
        CompletableFuture.runAsync(
            () -> {
              try (Meeting meeting = new Meeting(group.get(1))) {
                meeting.hold();
                meeting.hold();
              }
            });
    try (Meeting one = new Meeting(group.get(0));
        Meeting another = new Meeting(group.get(0))) {
      one.hold();
      assertThatThrownBy(another::hold)
          .isInstanceOf(CollectiveException.class)
          .hasMessage(
              "Cannot sum over workers: rank 0 is at another place than the others (see their"
                  + " errors)");
    }
    assertThatThrownBy(other::join).hasCauseInstanceOf(CollectiveException.class);
  }
}
