/** The files that a running server rereads on SIGHUP: the password and the message of the day. */
import { readSmallFile } from "../../cli/files/small_file.ts";
import { MAX_LINE_BYTES } from "../../irc/limits.ts";
import { splitText } from "../../irc/text_splitter.ts";

/** Longest of either file. */
const MAX_FILE_BYTES = 64 * 1024;
/** Text of one 372; what a server name and a nick take of the line comes off. */
const MOTD_LINE_BYTES = MAX_LINE_BYTES - 120;

export interface ReloadableFiles {
  password: string | undefined;
  motd: string[];
}

export type ReloadableFilesOutcome = { kind: "ok"; files: ReloadableFiles } | {
  /** `exposed`: it is secret, and others can reach it. */
  kind: "unreadable" | "exposed";
  path: string;
  why: string;
};

/** Reads both; a path that is undefined stands for no password, and no message. */
export async function readReloadableFiles(
  passwordFile?: string,
  motdFile?: string,
): Promise<ReloadableFilesOutcome> {
  const texts: ReloadableFiles = { password: undefined, motd: [] };
  for (
    const [path, isSecret, take] of [
      [passwordFile, true, (text: string) => texts.password = text.replace(/\r?\n$/, "")],
      [motdFile, false, (text: string) => texts.motd = splitMotd(text)],
    ] as const
  ) {
    if (path === undefined) continue;
    const read = await readSmallFile(path, MAX_FILE_BYTES, isSecret);
    if (read.kind === "bad") {
      return { kind: read.fault === "exposed" ? "exposed" : "unreadable", path, why: read.why };
    }
    take(read.text);
  }
  if (texts.password === "") {
    return { kind: "unreadable", path: passwordFile!, why: "the password in it is empty" };
  }
  return { kind: "ok", files: texts };
}

/** Lines as they can be sent: no control characters, none too long. */
function splitMotd(text: string): string[] {
  // deno-lint-ignore no-control-regex
  const clean = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").replace(/[\0\x07\x08\x1b\x7f-\x9f]/g, "");
  return clean === "" ? [] : splitText(clean, MOTD_LINE_BYTES);
}
