/** The codec: what one line costs, and lines by the chunk as a busy socket hands them over. */
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { casefold } from "../../lib/irc/names/casemap.ts";
import { MAX_CLIENT_TAGS_BYTES, MAX_LINE_BYTES } from "../../lib/irc/limits.ts";
import { type LineFault, LineSplitter } from "../../lib/irc/line_splitter.ts";
import { formatMessage, parseMessage } from "../../lib/irc/message.ts";

const PLAIN = "PRIVMSG #lobby :the quick brown fox jumps over the lazy dog";
const TAGGED = "@time=2026-01-01T00:00:00.000Z;msgid=1a-x7;+draft/reply=19-x7 :alice!alice@host.example " +
  PLAIN;
const CHUNK_BYTES = 65_536;

Deno.bench({ name: "parse a line", group: "parse", baseline: true }, () => void parseMessage(PLAIN));
Deno.bench(
  { name: "parse a line with three tags and a source", group: "parse" },
  () => void parseMessage(TAGGED),
);

const plain = {
  source: "alice!alice@host.example",
  command: "PRIVMSG",
  params: ["#lobby", "the quick brown fox"],
};
const tagged = { ...plain, tags: new Map([["time", "2026-01-01T00:00:00.000Z"], ["msgid", "1a-x7"]]) };

Deno.bench({ name: "format a line", group: "format", baseline: true }, () => void formatMessage(plain));
Deno.bench({ name: "format a line with two tags", group: "format" }, () => void formatMessage(tagged));

/** As names come off the wire: no two the same string in memory. */
function namesOf(name: string): string[] {
  return Array.from({ length: 1000 }, (_, nth) => `${nth} ${name}`.slice(String(nth).length + 1));
}

for (
  const [kind, name] of [
    ["small letters", "alice"],
    ["capitals", "Alice_In_Wonderland"],
    ["small letters beyond ASCII", "#größe"],
    ["capitals beyond ASCII", "#Größe"],
  ] as const
) {
  const names = namesOf(name);
  Deno.bench({ name: `fold 1000 names, ${kind}`, group: "fold", baseline: kind === "small letters" }, () => {
    let length = 0;
    for (const name of names) length += casefold(name).length;
    if (length === 0) throw new Error("names were lost");
  });
}

/** Reads `stream` in chunks and gives how many messages were in it, so that nothing can be optimised away. */
function readAll(stream: Uint8Array, chunkBytes: number, parse: boolean): number {
  const splitter = new LineSplitter({ tagsBytes: MAX_CLIENT_TAGS_BYTES, restBytes: MAX_LINE_BYTES });
  const lines: (string | LineFault)[] = [];
  let messages = 0;
  for (let start = 0; start < stream.length; start += chunkBytes) {
    lines.length = 0;
    splitter.push(stream.subarray(start, start + chunkBytes), lines);
    for (const line of lines) {
      if (typeof line === "string" && (!parse || parseMessage(line) !== undefined)) messages++;
    }
  }
  return messages;
}

const LINES = 10_000;
const ascii = encodeUtf8(`${PLAIN}\r\n`.repeat(LINES));
const mixed = encodeUtf8(`${PLAIN} – größe, 漢字\r\n`.repeat(LINES));
const oneLine = encodeUtf8(PLAIN + "\r\n").length;

function bench(name: string, stream: Uint8Array, chunkBytes: number, parse: boolean): void {
  Deno.bench({ name: `${LINES} lines, ${name}`, group: "split" }, () => {
    if (readAll(stream, chunkBytes, parse) !== LINES) throw new Error("lines were lost");
  });
}

bench("one a chunk", ascii, oneLine, false);
bench("64 KiB chunks", ascii, CHUNK_BYTES, false);
bench("64 KiB chunks, not only ASCII", mixed, CHUNK_BYTES, false);
bench("64 KiB chunks, split and parsed", ascii, CHUNK_BYTES, true);
