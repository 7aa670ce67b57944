/** Lines of a JSON text: where its keys are, and where its syntax breaks. */

/** Texts, brackets, colons and line ends of JSON (RFC 8259); what else there is does not matter here. */
const TOKEN = /"(?:[^"\\\n]|\\.)*"|[{}[\]:\n]/g;

/** The lines, from 1, on which each key of the outermost object of the valid JSON `text` stands. */
export function keyLines(text: string): Map<string, number[]> {
  const lines = new Map<string, number[]>();
  let [line, depth] = [1, 0];
  let before = { text: "", line: 0 };
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "\n") line++;
    else if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (token !== ":") before = { text: token, line };
    else if (depth === 1) {
      const key: string = JSON.parse(before.text);
      lines.set(key, [...lines.get(key) ?? [], before.line]);
    }
  }
  return lines;
}

/** The line that an error message of V8's JSON parser names; undefined: it names none. */
export function lineOfSyntaxError(message: string): number | undefined {
  const [, line] = /\(line (\d+) column \d+\)/.exec(message) ?? [];
  return line === undefined ? undefined : Number(line);
}
