/** The files that a running server reloads on SIGHUP: the password and the message of the day. */
import { readSecretFile } from "../../cli/files/secret_file.ts";
import { readSmallFile } from "../../cli/files/small_file.ts";
import { MAX_LINE_BYTES } from "../../irc/limits.ts";
import { splitText } from "../../irc/text_splitter.ts";

/** Maximum size of the message of the day. */
const MAX_MOTD_BYTES = 64 * 1024;
/** Text of one 372: a line without the longest server name and nick. */
const MOTD_LINE_BYTES = MAX_LINE_BYTES - 120;

export interface ReloadableFiles {
  password: string | undefined;
  motd: string[];
}

export type ReloadableFilesOutcome = { kind: "ok"; files: ReloadableFiles } | {
  /** `exposed`: the file is secret, and other users can read it. */
  kind: "unreadable" | "exposed";
  path: string;
  why: string;
};

/** Reads both files; without a path there is no password, or no message of the day. */
export async function readReloadableFiles(
  passwordFile?: string,
  motdFile?: string,
): Promise<ReloadableFilesOutcome> {
  const files: ReloadableFiles = { password: undefined, motd: [] };
  if (passwordFile !== undefined) {
    const read = await readSecretFile(passwordFile);
    if (read.kind === "bad") {
      return { kind: read.fault === "exposed" ? "exposed" : "unreadable", path: passwordFile, why: read.why };
    }
    files.password = read.secret;
  }
  if (motdFile !== undefined) {
    const read = await readSmallFile(motdFile, MAX_MOTD_BYTES);
    if (read.kind === "bad") return { kind: "unreadable", path: motdFile, why: read.why };
    files.motd = splitMotd(read.text);
  }
  return { kind: "ok", files };
}

/** The text as lines that can be sent: without control characters, and none too long. */
function splitMotd(text: string): string[] {
  const clean = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").replace(/[\0\x07\x08\x1b\x7f-\x9f]/g, "");
  return clean === "" ? [] : splitText(clean, MOTD_LINE_BYTES);
}
