/**
 * STS policies (https://ircv3.net/specs/extensions/sts): a server requires TLS for a time. A policy is kept until it
 * expires:
 *
 *     <config dir>/sts/<host>     `<port> <expiry, milliseconds since the epoch>`; file 0600, folder 0700
 */
import { readProgramFile } from "../../cli/files/small_file.ts";
import { casefold } from "../../irc/names/casemap.ts";
import { replacePrivateFile } from "./certificate_pins.ts";

export interface StsPolicy {
  /** The TLS port. */
  readonly port: number;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Two numbers. */
const MAX_POLICY_FILE_BYTES = 64;

/** The file of the policy of `host`. */
export function stsPolicyPath(dir: string, host: string): string {
  return `${dir}/sts/${encodeURIComponent(casefold(host))}`;
}

/** The policy in the file `path`; undefined: none, or damaged. */
export function readStsPolicy(path: string): StsPolicy | undefined {
  const read = readProgramFile(path, MAX_POLICY_FILE_BYTES);
  const [, port, expiresAt] = /^(\d{1,5}) (\d{1,16})\n?$/.exec(read.kind === "ok" ? read.text : "") ?? [];
  return port === undefined ? undefined : { port: Number(port), expiresAt: Number(expiresAt) };
}

/** Returns the reason why it could not be written; undefined: it was. */
export function writeStsPolicy(path: string, { port, expiresAt }: StsPolicy): string | undefined {
  return replacePrivateFile(path, `${port} ${expiresAt}`);
}

export function removeStsPolicy(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // there was none
  }
}
