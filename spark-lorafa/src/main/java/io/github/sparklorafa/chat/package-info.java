/**
 * Conversations as text: a checkpoint's own chat template, written in Jinja, rendered as Hugging
 * Face's {@code apply_chat_template} does. Knows nothing of tokens.
 */
package io.github.sparklorafa.chat;
