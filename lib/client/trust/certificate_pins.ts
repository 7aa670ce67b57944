/**
 * What is known of a server's certificate, in one small file per server:
 *
 *     <config dir>/pins/<host>_<port>     `SHA256:AB:CD:…`: this certificate, and no other
 *                                         `authority`: any that a trusted authority has signed
 *
 * Files 0600, folder 0700. After a file is removed, the next connection to the server counts as the first.
 */
import { readProgramFile } from "../../cli/files/small_file.ts";
import { createFile, replaceFile } from "../../store/disk/atomic_file.ts";
import { diskErrorText } from "../../store/disk/disk_file.ts";
import { hostFolderName } from "../identity/file_names.ts";

/** A fingerprint as {@link parseFingerprint} gives it, or {@link AUTHORITY_PIN}. */
export type CertificatePin = string;

/** A fingerprint has 102 bytes. */
const MAX_PIN_FILE_BYTES = 1024;

export const AUTHORITY_PIN: CertificatePin = "authority";

export type PinReadOutcome =
  | { readonly kind: "pin"; readonly pin: CertificatePin }
  | { readonly kind: "none" }
  | { readonly kind: "bad"; readonly why: string };

/**
 * Reads 32 bytes in hexadecimal, with or without colons, in either case; `SHA256:` before them is optional.
 */
export function parseFingerprint(text: string): string | undefined {
  const digits = text.trim().replace(/^sha-?256[:=]?/i, "").replaceAll(":", "").toUpperCase();
  if (!/^[0-9A-F]{64}$/.test(digits)) return undefined;
  return `SHA256:${digits.match(/../g)!.join(":")}`;
}

/** The file of the pin for the server at `host`:`port`. */
export function pinPath(dir: string, host: string, port: number): string {
  return `${dir}/pins/${hostFolderName(host, port)}`;
}

export function readPin(path: string): PinReadOutcome {
  const read = readProgramFile(path, MAX_PIN_FILE_BYTES);
  if (read.kind === "bad") {
    return read.fault === "missing" ? { kind: "none" } : { kind: "bad", why: read.why };
  }
  const text = read.text.trim();
  const pin = text === AUTHORITY_PIN ? text : parseFingerprint(text);
  if (pin === undefined) return { kind: "bad", why: "neither a fingerprint nor the word authority" };
  return { kind: "pin", pin };
}

/** Writes `text` to `path` atomically. Returns the reason for a failure; undefined: none. */
export function replacePrivateFile(path: string, text: string): string | undefined {
  try {
    makeFolder(path);
    replaceFile(path, `${text}\n`);
    return undefined;
  } catch (error) {
    return diskErrorText(error);
  }
}

/** As {@link replacePrivateFile}, but an existing file stays as it is: `there`. */
export function createPrivateFile(path: string, text: string): "kept" | "there" | { readonly why: string } {
  try {
    makeFolder(path);
    return createFile(path, `${text}\n`) ? "kept" : "there";
  } catch (error) {
    return { why: diskErrorText(error) };
  }
}

function makeFolder(path: string): void {
  Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true, mode: 0o700 });
}
