package io.github.sparklorafa.collective;

import io.github.sparklorafa.tensor.NativeFloats;
import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Views of native memory that own nothing of it; the caller's scope owns the views. */
final class NativeMemory {
  private NativeMemory() {}

  static Tensor tensor(NativeFloats floats) {
    return torch.from_blob(new Address(floats.address(), floats.bytes()), floats.count());
  }

  /** {@code count} numbers in bfloat16 from an address on. */
  static Tensor bfloat16(long address, long count) {
    return torch.from_blob(
        new Address(address, count * WireDType.BF16.bytes()),
        new long[] {count},
        new TensorOptions(ScalarType.BFloat16));
  }

  static NativeFloats slice(NativeFloats floats, long offset, long count) {
    return new NativeFloats(floats.address() + offset * Float.BYTES, count);
  }

  static NativeBytes bytes(NativeFloats floats) {
    return new NativeBytes(floats.address(), floats.bytes());
  }

  static ByteBuffer view(NativeBytes bytes) {
    return new Address(bytes.address(), bytes.count()).asByteBuffer();
  }

  /** A pointer to memory of somebody else: without a deallocator. */
  private static final class Address extends BytePointer {
    Address(long address, long count) {
      super((Pointer) null);
      this.address = address;
      this.limit = count;
      this.capacity = count;
    }
  }
}
