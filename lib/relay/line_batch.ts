/**
 * The lines of one read, as one text: the hub decodes it at once. A line that could not be decoded is a fault, and
 * its place in the text is empty. Pure.
 */
import { encodeUtf8 } from "../base/bytes.ts";
import { RelayFault, type WireReader, type WireWriter } from "./wire.ts";

const FAULTS = ["too_long", "not_utf8", "nul"] as const;

/** A rejected line, as `irc/line_splitter.ts` describes it. */
export interface RelayedFault {
  readonly fault: typeof FAULTS[number];
  readonly head: string;
  readonly tags?: string;
}

export type RelayedLine = string | RelayedFault;

export function encodeLines(writer: WireWriter, lines: readonly RelayedLine[]): void {
  writer.u32(lines.length);
  const faults = lines.flatMap((line, at) => typeof line === "string" ? [] : [{ at, line }]);
  writer.u32(faults.length);
  for (const { at, line: { fault, head, tags } } of faults) {
    writer.u32(at).u8(FAULTS.indexOf(fault)).flag(tags !== undefined);
    writer.longText(head);
    if (tags !== undefined) writer.longText(tags);
  }
  writer.bytes(encodeUtf8(lines.map((line) => typeof line === "string" ? line : "").join("\n")));
}

/** Reads to the end of the frame. */
export function decodeLines(reader: WireReader): RelayedLine[] {
  const [count, faultCount] = [reader.u32(), reader.u32()];
  if (faultCount > count) throw new RelayFault("there are more faults than lines");
  const faults: { at: number; line: RelayedFault }[] = [];
  for (let n = 0; n < faultCount; n++) {
    const at = reader.u32();
    const fault = reader.oneOf(FAULTS);
    const hasTags = reader.flag();
    const head = reader.longText();
    faults.push({ at, line: hasTags ? { fault, head, tags: reader.longText() } : { fault, head } });
  }
  const text = reader.restText();
  const lines: RelayedLine[] = text === "" && count === 0 ? [] : text.split("\n");
  if (lines.length !== count) throw new RelayFault(`a read has ${lines.length} lines in place of ${count}`);
  for (const { at, line } of faults) {
    if (lines[at] !== "") throw new RelayFault("a fault is not at a line's place");
    lines[at] = line;
  }
  if (lines.includes("")) throw new RelayFault("a line is empty");
  return lines;
}

/** Length of the lines together, in characters. */
export function lineLength(lines: readonly RelayedLine[]): number {
  return lines.reduce((sum, line) => sum + (typeof line === "string" ? line.length : line.head.length), 0);
}
