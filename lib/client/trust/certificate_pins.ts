/**
 * What is known of a server's certificate, one small file a server:
 *
 *     <config dir>/pins/<host>_<port>     `SHA256:AB:CD:…`: this certificate, and no other
 *                                         `authority`: any that an authority vouches for
 *
 * Files 0600, folder 0700. Whoever removes one meets the server for the first time again.
 */
import { readProgramFile } from "../../cli/files/small_file.ts";
import { createFile, replaceFile } from "../../store/disk/atomic_file.ts";
import { diskErrorText } from "../../store/disk/disk_file.ts";
import { hostFolderName } from "../identity/file_names.ts";

/** A fingerprint as {@link parseFingerprint} gives it, or that an authority has vouched for the server. */
export type CertificatePin = string;

/** A fingerprint has 102 bytes. */
const MAX_PIN_FILE_BYTES = 1024;

export const AUTHORITY_PIN: CertificatePin = "authority";

export type PinReadOutcome =
  | { readonly kind: "pin"; readonly pin: CertificatePin }
  | { readonly kind: "none" }
  | { readonly kind: "bad"; readonly why: string };

/** `SHA256:` and 32 bytes in hexadecimal, with or without colons, in either case; or that without `SHA256:`. */
export function parseFingerprint(text: string): string | undefined {
  const digits = text.trim().replace(/^sha-?256[:=]?/i, "").replaceAll(":", "").toUpperCase();
  if (!/^[0-9A-F]{64}$/.test(digits)) return undefined;
  return `SHA256:${digits.match(/../g)!.join(":")}`;
}

/** Where the pin of the server at `host`:`port` is kept. */
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

/** Keeps `text` at `path`; a reader meanwhile finds the old or the new. Why that failed; undefined: it did not. */
export function replacePrivateFile(path: string, text: string): string | undefined {
  try {
    makeFolder(path);
    replaceFile(path, `${text}\n`);
    return undefined;
  } catch (error) {
    return diskErrorText(error);
  }
}

/** As {@link replacePrivateFile}, but where something is kept already, such as by another process just now, that stays: `there`. */
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
