package io.github.sparklorafa.collective;

import io.github.sparklorafa.tensor.NativeFloats;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Views of native memory that own nothing of it; the caller's scope owns the views. */
final class NativeMemory {
  private NativeMemory() {}

  static Pointer pointer(NativeFloats floats) {
    return new Address(floats.address(), floats.count());
  }

  static Tensor tensor(NativeFloats floats) {
    return torch.from_blob(pointer(floats), floats.count());
  }

  static NativeFloats slice(NativeFloats floats, long offset, long count) {
    return new NativeFloats(floats.address() + offset * Float.BYTES, count);
  }

  /** A pointer to memory of somebody else: without a deallocator. */
  private static final class Address extends FloatPointer {
    Address(long address, long count) {
      super((Pointer) null);
      this.address = address;
      this.limit = count;
      this.capacity = count;
    }
  }
}
