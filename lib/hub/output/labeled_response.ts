/**
 * Labels and batches (IRCv3 labeled-response, batch): the one place that knows them. While a labeled line is worked on,
 * everything for its session is held here; then it goes out as one response: an ACK, a single line, or a batch.
 */
import { CAP } from "../../irc/capabilities.ts";
import { CapSet } from "../../irc/cap_set.ts";
import { utf8Length } from "../../base/bytes.ts";
import { MAX_LABEL_BYTES } from "../../irc/limits.ts";
import type { LineFault } from "../../irc/line_splitter.ts";
import { escapeTagValue, NO_TAGS, parseTags } from "../../irc/tags.ts";
import type { Session } from "../model/state/entities.ts";

/** "MUST be negotiated to use labeled responses" (labeled-response): batch, too. */
const LABELED = CapSet.of(CAP.labeledResponse, CAP.batch);

/** The label of a line of `session` with `tags`, in wire form; "": it has none that can be answered. */
export function responseLabel({ caps }: Session, tags: ReadonlyMap<string, string>): string {
  if (tags.size === 0 || !caps.hasAll(LABELED)) return "";
  const label = tags.get("label") ?? "";
  return label === "" || utf8Length(label) > MAX_LABEL_BYTES ? "" : escapeTagValue(label);
}

/** The tags of a line that is no message: of a fault those that can be read; of a line without a command all. */
export function tagsOfFault(line: string | LineFault): ReadonlyMap<string, string> {
  if (typeof line !== "string") return line.tags === undefined ? NO_TAGS : parseTags(line.tags);
  const [, tags] = /^ *@([^ ]*)/.exec(line) ?? [];
  return tags === undefined ? NO_TAGS : parseTags(tags);
}

/** `line` with one more tag in front of those that it has. */
export function withTag(line: string, tag: string): string {
  return line.startsWith("@") ? `@${tag};${line.slice(1)}` : `@${tag} ${line}`;
}

/** The lines (no CRLF) that answer a request with `label` for which `lines` were said. */
export function wrapLabeled(label: string, lines: readonly string[], server: string, ref: string): string[] {
  const tag = `label=${label}`;
  const [first] = lines;
  if (first === undefined) return [`@${tag} :${server} ACK`];
  if (lines.length === 1 || isSingleBatch(lines)) return [withTag(first, tag), ...lines.slice(1)];
  return [
    `@${tag} :${server} BATCH +${ref} labeled-response`,
    ...lines.map((line) => hasBatchTag(line) ? line : withTag(line, `batch=${ref}`)),
    `:${server} BATCH -${ref}`,
  ];
}

function isSingleBatch(lines: readonly string[]): boolean {
  const [, ref] = /^(?:@\S+ )?:\S+ BATCH \+(\S+) /.exec(lines[0]!) ?? [];
  return ref !== undefined && /^(?:@\S+ )?:\S+ BATCH -(\S+)$/.exec(lines.at(-1)!)?.[1] === ref;
}

function hasBatchTag(line: string): boolean {
  return /^@(?:[^ ]*;)?batch=/.test(line);
}
