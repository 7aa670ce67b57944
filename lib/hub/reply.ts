/**
 * Labels and batches (IRCv3 labeled-response, batch): the one place that knows them. While a labeled line is worked on,
 * everything for its session is held here; then it goes out as one response: an ACK, a single line, or a batch.
 */

/** `line` with one more tag in front of those that it has. */
export function withTag(line: string, tag: string): string {
  return line.startsWith("@") ? `@${tag};${line.slice(1)}` : `@${tag} ${line}`;
}

/** The lines (no CRLF) that answer a request with `label` for which `lines` were said. */
export function labeled(label: string, lines: readonly string[], server: string, ref: string): string[] {
  const tag = `label=${label}`;
  const [first] = lines;
  if (first === undefined) return [`@${tag} :${server} ACK`];
  if (lines.length === 1 || isOneBatch(lines)) return [withTag(first, tag), ...lines.slice(1)];
  return [
    `@${tag} :${server} BATCH +${ref} labeled-response`,
    ...lines.map((line) => isBatched(line) ? line : withTag(line, `batch=${ref}`)),
    `:${server} BATCH -${ref}`,
  ];
}

function isOneBatch(lines: readonly string[]): boolean {
  const [, ref] = /^(?:@\S+ )?:\S+ BATCH \+(\S+) /.exec(lines[0]!) ?? [];
  return ref !== undefined && /^(?:@\S+ )?:\S+ BATCH -(\S+)$/.exec(lines.at(-1)!)?.[1] === ref;
}

function isBatched(line: string): boolean {
  return /^@(?:[^ ]*;)?batch=/.test(line);
}
