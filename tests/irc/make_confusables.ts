/**
 * Makes lib/irc/names/confusables.ts from the ICU library of this machine, which has the data of UTS #39 that neither JavaScript nor
 * a maintained package offers:
 *
 *     deno run --allow-ffi --allow-write=lib/irc tests/irc/make_confusables.ts /usr/lib/x86_64-linux-gnu/libicui18n.so.72 72
 */

/** The highest code point that has a letter or a symbol of its own, with some channel. */
const LAST_CODE_POINT = 0x3ffff;
const SKELETON_MAX_BYTES = 256;
const LINE_LENGTH = 108;

/** The skeletons of UTS #39 section 4, as ICU `version` in the library at `path` makes them. */
function openIcu(path: string, version: string): (text: string) => string {
  const [open, skeleton] = [`uspoof_open_${version}`, `uspoof_getSkeletonUTF8_${version}`];
  const { symbols } = Deno.dlopen(path, {
    [open]: { parameters: ["buffer"], result: "pointer" },
    [skeleton]: {
      parameters: ["pointer", "u32", "buffer", "i32", "buffer", "i32", "buffer"],
      result: "i32",
    },
  });
  const call = symbols as Record<string, (...args: unknown[]) => unknown>;
  const status = new Int32Array(1);
  const checker = call[open]!(status);
  const out = new Uint8Array(SKELETON_MAX_BYTES);
  return (text) => {
    const bytes = new TextEncoder().encode(text);
    const length = call[skeleton]!(checker, 0, bytes, bytes.length, out, out.length, status) as number;
    if (status[0]! > 0) throw new Error(`ICU: error ${status[0]}`);
    return new TextDecoder().decode(out.subarray(0, length));
  };
}

/** What `text` looks like in the table: small letters, and `m` for the `rn` that stands for all that looks like an m. */
function small(text: string): string {
  return text.replaceAll("rn", "m").toLowerCase().normalize("NFKD");
}

/** Each character beyond ASCII that is not taken apart by NFKD, and what it looks like. */
function makeTable(skeleton: (text: string) => string): Map<string, string> {
  const table = new Map<string, string>();
  for (let code = 0x80; code <= LAST_CODE_POINT; code++) {
    const char = String.fromCodePoint(code);
    if (!/^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(char) || char.normalize("NFKD") !== char) continue;
    const look = skeleton(char);
    if (look !== char) table.set(char, small(look));
  }
  const once = (text: string) =>
    Array.from(text, (char) => table.get(char) ?? char).join("").normalize("NFKD");
  for (const [char, look] of table) {
    let closed = look; // a small letter may itself look like another
    for (let round = 0; round < 4 && once(closed) !== closed; round++) closed = small(once(closed));
    if (once(closed) !== closed) throw new Error(`${char} looks like ${look} in a circle`);
    if (closed === char) table.delete(char);
    else table.set(char, closed);
  }
  return table;
}

const hex = (text: string) => Array.from(text, (char) => char.codePointAt(0)!.toString(16));

/** The table as text: `<look>:<characters>` in hexadecimal code points, between spaces. */
function written(table: ReadonlyMap<string, string>): string {
  const groups = Map.groupBy(table, ([, look]) => look);
  const lines = [""];
  for (const [look, members] of groups) {
    const word = `${hex(look).join("+")}:${members.flatMap(([char]) => hex(char)).join(",")}`;
    for (const piece of word.match(/.{1,60}[^,]*,?|.+/g) ?? []) {
      if (lines.at(-1)!.length + piece.length >= LINE_LENGTH) lines.push("");
      lines[lines.length - 1] += piece;
    }
    lines[lines.length - 1] += " ";
  }
  return lines.map((line) => `  ${JSON.stringify(line)}`).join(" +\n");
}

const [library = "", version = ""] = Deno.args;
const skeleton = openIcu(library, version);
const table = makeTable(skeleton);
Deno.writeTextFileSync(
  "lib/irc/names/confusables.ts",
  `/**
 * Characters that look like others: the data of UTS #39 (confusables.txt, Unicode 15.0) by way of ICU ${version}; made by
 * tests/irc/make_confusables.ts. Unicode data files are under the Unicode License v3
 * (https://www.unicode.org/license.txt), Copyright © 1991-2022 Unicode, Inc.
 *
 * \`<look>:<character>,<character>…\` in hexadecimal code points. Left out are ASCII and what NFKD takes apart. Looks are in
 * small letters and NFKD; what looks like \`m\` is \`m\` here, for which UTS #39 has \`rn\`.
 */
export const CONFUSABLES: string =
${written(table)};
`,
);
console.log(`${table.size} characters`);
