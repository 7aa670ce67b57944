/** Text that means nothing in Markdown. */

/** Characters that mean something in Markdown (https://spec.commonmark.org, backslash escapes). */
const MARKDOWN_CHARACTERS = /[\\`*_{}[\]<>()#+\-!|~&]/g;

export function escapeMarkdown(text: string): string {
  return text.replace(MARKDOWN_CHARACTERS, "\\$&");
}
