/** The files that a running server rereads on SIGHUP: the password and the message of the day. */
import { MAX_LINE_BYTES } from "../irc/limits.ts";
import { splitText } from "../irc/text.ts";

/** Longest of either file. */
const MAX_FILE_BYTES = 64 * 1024;
/** Text of one 372; what a server name and a nick take of the line comes off. */
const MOTD_LINE_BYTES = MAX_LINE_BYTES - 120;

export interface ServerTexts {
  password: string | undefined;
  motd: string[];
}

export type TextsOutcome = { kind: "ok"; texts: ServerTexts } | {
  kind: "unreadable";
  path: string;
  why: string;
};

/** Reads both; a path that is undefined stands for no password, and no message. */
export async function readTexts(passwordFile?: string, motdFile?: string): Promise<TextsOutcome> {
  const texts: ServerTexts = { password: undefined, motd: [] };
  for (
    const [path, take] of [
      [passwordFile, (text: string) => texts.password = text.replace(/\r?\n$/, "")],
      [motdFile, (text: string) => texts.motd = motdLines(text)],
    ] as const
  ) {
    if (path === undefined) continue;
    const read = await readLimited(path);
    if ("why" in read) return { kind: "unreadable", path, why: read.why };
    take(read.text);
  }
  if (texts.password === "") {
    return { kind: "unreadable", path: passwordFile!, why: "the password in it is empty" };
  }
  return { kind: "ok", texts };
}

async function readLimited(path: string): Promise<{ text: string } | { why: string }> {
  try {
    const { size } = await Deno.stat(path);
    if (size > MAX_FILE_BYTES) return { why: `larger than ${MAX_FILE_BYTES} bytes` };
    return { text: await Deno.readTextFile(path) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { why: "no such file" };
    if (error instanceof Deno.errors.PermissionDenied) return { why: "may not be read" };
    return { why: error instanceof Error ? error.message : String(error) };
  }
}

/** Lines as they can be sent: no control characters, none too long. */
function motdLines(text: string): string[] {
  // deno-lint-ignore no-control-regex
  const clean = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").replace(/[\0\x07\x08\x1b\x7f-\x9f]/g, "");
  return clean === "" ? [] : splitText(clean, MOTD_LINE_BYTES);
}
