package io.github.sparklorafa;

import io.github.sparklorafa.tensor.Natives;
import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Runs each test of a class in a scope of its own, without autograd as in training, and with the
 * same random numbers each time.
 */
public final class InScope implements BeforeEachCallback, AfterEachCallback {
  private static final long SEED = 7;

  private Scope scope;
  private NoGradGuard noGrad;

  @Override
  public void beforeEach(ExtensionContext context) {
    Natives.ensureLoaded();
    scope = new Scope();
    noGrad = new NoGradGuard();
    torch.manual_seed(SEED);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    noGrad.close();
    scope.close();
  }
}
