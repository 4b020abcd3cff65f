/**
 * The sum of native buffers over the workers of a run.
 *
 * <p>A {@link io.github.sparklorafa.collective.Communicator} is one worker's end. Threads of one
 * process get theirs from {@link io.github.sparklorafa.collective.LocalCommunicator#group},
 * processes theirs from {@link io.github.sparklorafa.collective.GlooEndpoint}: each opens one, all
 * exchange their {@link io.github.sparklorafa.collective.GlooEndpoint#offer offers} by any means,
 * and each connects with all of them:
 *
 * <pre>{@code
 * GlooEndpoint endpoint = GlooEndpoint.open("10.0.0.7", rank, size, Duration.ofMinutes(10));
 * List<String> offers = ...; // of all ranks, in rank order
 * try (Communicator communicator = endpoint.connect(offers)) {
 *   communicator.sum(bucket);
 * }
 * }</pre>
 */
package io.github.sparklorafa.collective;
