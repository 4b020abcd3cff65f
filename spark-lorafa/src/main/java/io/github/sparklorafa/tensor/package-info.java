/**
 * libtorch as this project uses it: loading the natives, devices and element types, scopes that
 * give memory back at once, mapped files and memory figures. {@link org.bytedeco.pytorch.Tensor}
 * itself is the tensor class; there is no wrapper.
 *
 * <pre>{@code
 * Natives.load(Device.CPU, 2);
 * try (Scope scope = new Scope()) {
 *   Tensor y = torch.linear(x, weight);
 *   return scope.keep(y); // everything else made in here is freed now
 * }
 * }</pre>
 */
package io.github.sparklorafa.tensor;
