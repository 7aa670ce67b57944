/** The words of a command line, by the quoting of a shell, and nothing else of a shell. */

/**
 * `notify-send 'new message' "$x"` → `notify-send`, `new message`, `$x`: no variables, globs, pipes or substitutions.
 * Undefined: a quote is not closed, or there is no word.
 */
export function splitCommand(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (quote !== "") {
      if (char === quote) quote = "";
      else if (char === "\\" && quote === '"' && /["\\]/.test(text[at + 1] ?? "")) word += text[++at]!;
      else word += char;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= "";
    } else if (char === "\\" && at + 1 < text.length) word = (word ?? "") + text[++at]!;
    else if (!/\s/.test(char)) word = (word ?? "") + char;
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (quote !== "") return undefined;
  if (word !== undefined) words.push(word);
  return words.length > 0 && words[0] !== "" ? words : undefined;
}
