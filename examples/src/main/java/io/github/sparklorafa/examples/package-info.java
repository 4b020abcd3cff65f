/** Programs to start from; each runs in a test. */
package io.github.sparklorafa.examples;
