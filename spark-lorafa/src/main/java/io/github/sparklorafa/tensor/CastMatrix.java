package io.github.sparklorafa.tensor;

import org.bytedeco.pytorch.Tensor;

/** A matrix in one number format that is computed with in another. */
record CastMatrix(Tensor matrix) implements StoredMatrix {
  static CastMatrix of(DType dtype, Tensor matrix) {
    try (Scope scope = new Scope()) {
      Tensor cast = matrix.to(dtype.scalarType());
      cast.retainReference();
      return new CastMatrix(cast);
    }
  }

  @Override
  public long rows() {
    return matrix.size(0);
  }

  @Override
  public long columns() {
    return matrix.size(1);
  }

  @Override
  public long bytes() {
    return matrix.nbytes();
  }

  @Override
  public long rowStep() {
    return 1;
  }

  @Override
  public void unpack(long start, Tensor block) {
    try (Scope scope = new Scope()) {
      Tensor unused = block.copy_(matrix.narrow(0, start, block.size(0)));
    }
  }

  @Override
  public StoredMatrix share() {
    matrix.retainReference();
    return this;
  }

  @Override
  public void close() {
    matrix.releaseReference();
  }
}
