/**
 * The training loop and what surrounds it: configuration, schedule, optimizer, the bucket of
 * gradients, evaluation, plans of memory, listeners. It knows no Spark: N workers are N threads or
 * processes with a {@link io.github.sparklorafa.collective.Communicator} each.
 *
 * <pre>{@code
 * TrainSummary summary = new Trainer(inputs, communicator, List.of(listener)).run();
 * }</pre>
 */
package io.github.sparklorafa.train;
