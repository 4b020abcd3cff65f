package io.github.sparklorafa.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ScopeTest {
  private long before;

  @BeforeEach
  void count() {
    Natives.ensureLoaded();
    before = Pointer.totalCount();
  }

  @Test
  void freesWhatWasMadeInIt() {
    try (Scope scope = new Scope()) {
      Tensor tensor = torch.randn(10);
      assertThat(tensor.add(tensor).defined()).isTrue();
      assertThat(Pointer.totalCount()).isGreaterThan(before);
    }
    assertThat(Pointer.totalCount()).isEqualTo(before);
  }

  @Test
  void handsWhatIsKeptToTheNextOne() {
    Tensor kept;
    try (Scope outer = new Scope()) {
      try (Scope inner = new Scope()) {
        torch.randn(10);
        kept = inner.keep(torch.randn(10));
      }
      assertThat(Pointer.totalCount()).isEqualTo(before + 1);
      assertThat(kept.numel()).isEqualTo(10);
    }
    assertThat(kept.isNull()).isTrue();
    assertThat(Pointer.totalCount()).isEqualTo(before);
  }

  @Test
  void handsWhatIsKeptToTheCallerWhereThereIsNoOther() {
    Tensor kept;
    try (Scope scope = new Scope()) {
      kept = scope.keep(torch.randn(10));
    }
    assertThat(kept.numel()).isEqualTo(10);
    kept.close();
    assertThat(Pointer.totalCount()).isEqualTo(before);
  }

  @Test
  void releasesPastAllScopes() {
    Tensor released;
    try (Scope outer = new Scope();
        Scope inner = new Scope()) {
      released = inner.release(torch.randn(10));
    }
    assertThat(released.numel()).isEqualTo(10);
    released.close();
    assertThat(Pointer.totalCount()).isEqualTo(before);
  }

  @Test
  void anAdoptedReferenceEndsWithTheInnermostOne() {
    Tensor tensor;
    try (Scope scope = new Scope()) {
      tensor = scope.release(torch.randn(10));
    }
    try (Scope outer = new Scope()) {
      try (Scope inner = new Scope()) {
        Scope.adopt(tensor);
      }
      assertThat(tensor.numel()).isEqualTo(10);
    }
    tensor.close();
    assertThat(Pointer.totalCount()).isEqualTo(before);
  }

  @Test
  void nothingIsAdoptedOutsideOfScopes() {
    try (Tensor tensor = torch.randn(1)) {
      assertThatThrownBy(() -> Scope.adopt(tensor)).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void sharedScalarsOutliveTheScopeThatMadeThem() {
    try (Scope scope = new Scope()) {
      Scalars.of(0.123456789);
    }
    assertThat(Scalars.of(0.123456789).toDouble()).isEqualTo(0.123456789);
    assertThat(Scalars.of(0.123456789)).isSameAs(Scalars.of(0.123456789));
  }
}
