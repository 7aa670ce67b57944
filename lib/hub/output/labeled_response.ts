/**
 * Labels and batches (IRCv3 labeled-response, batch); no other file knows their format. While a labeled line is
 * processed, all output for its session is collected and then sent as one response: an ACK, a single line, or a
 * batch.
 */
import { CAP } from "../../irc/capabilities.ts";
import { CapSet } from "../../irc/cap_set.ts";
import { utf8Length } from "../../base/bytes.ts";
import { MAX_LABEL_BYTES } from "../../irc/limits.ts";
import type { LineFault } from "../../irc/line_splitter.ts";
import { escapeTagValue, NO_TAGS, parseTags } from "../../irc/tags.ts";
import type { Session } from "../model/state/entities.ts";
import type { ResponseItem } from "../model/work_steps.ts";

/** The capabilities that labels require; labeled-response: batch "MUST be negotiated to use labeled responses". */
const LABELED = CapSet.of(CAP.labeledResponse, CAP.batch);

/**
 * The label of a line of `session` with `tags`, in wire form; "": it has no label that can be used in a response.
 */
export function responseLabel({ caps }: Session, tags: ReadonlyMap<string, string>): string {
  if (tags.size === 0 || !caps.hasAll(LABELED)) return "";
  const label = tags.get("label") ?? "";
  return label === "" || utf8Length(label) > MAX_LABEL_BYTES ? "" : escapeTagValue(label);
}

/**
 * The tags of a line that is not a valid message: of a fault, those that can be parsed; of a line without a
 * command, all.
 */
export function tagsOfFault(line: string | LineFault): ReadonlyMap<string, string> {
  if (typeof line !== "string") return line.tags === undefined ? NO_TAGS : parseTags(line.tags);
  const [, tags] = /^ *@([^ ]*)/.exec(line) ?? [];
  return tags === undefined ? NO_TAGS : parseTags(tags);
}

/** `line` with one more tag before its others. */
export function withTag(line: string, tag: string): string {
  return line.startsWith("@") ? `@${tag};${line.slice(1)}` : `@${tag} ${line}`;
}

/** Characters of `items`, without CRLF. */
export function responseLength(items: readonly ResponseItem[]): number {
  const lengthOf = (item: ResponseItem): number =>
    typeof item === "string" ? item.length : item.batch.reduce((sum, line) => sum + line.length, 0);
  return items.reduce((sum, item) => sum + lengthOf(item), 0);
}

/**
 * The lines (no CRLF) of the response to a command with `label`: a single item carries the label itself, several
 * are put in a batch with the reference `ref`, and for no item the response is an ACK from `server`.
 */
export function wrapLabeled(
  label: string,
  items: readonly ResponseItem[],
  server: string,
  ref: string,
): readonly string[] {
  const tag = `label=${label}`;
  const [first, ...more] = items;
  if (first === undefined) return [`@${tag} :${server} ACK`];
  if (more.length === 0) {
    if (typeof first === "string") return [withTag(first, tag)];
    return first.batch.map((line, nth) => nth === 0 ? withTag(line, tag) : line);
  }
  const lines = [`@${tag} :${server} BATCH +${ref} labeled-response`];
  for (const item of items) {
    if (typeof item === "string") lines.push(withTag(item, `batch=${ref}`));
    else lines.push(...nestBatch(item.batch, `batch=${ref}`));
  }
  lines.push(`:${server} BATCH -${ref}`);
  return lines;
}

/**
 * Only the lines that open and close a nested batch get the outer batch's tag: the lines between have the tag of
 * their own batch.
 */
function nestBatch(lines: readonly string[], outer: string): string[] {
  return lines.map((line, nth) => nth === 0 || nth === lines.length - 1 ? withTag(line, outer) : line);
}
