/**
 * Files that are read whole. Each has a bound in bytes that no file exceeds in memory, whatever it is: `/dev/zero` is as long as
 * the bound allows. What a person names may be a pipe (`<(pass show chat)`), what is ours must be a regular file.
 */
import { concatBytes } from "../../base/bytes.ts";

export type SmallFileOutcome =
  | { readonly kind: "ok"; readonly text: string }
  | { readonly kind: "bad"; readonly fault: SmallFileFault; readonly why: string };

/** `exposed`: it is secret, and others may read it or replace what is in it. */
export type SmallFileFault = "missing" | "exposed" | "too_large" | "unreadable";

/** POSIX mode bits (sys/stat.h): what group and others may do, and what only the group may read. */
const OTHERS_BITS = 0o077;
const GROUP_READ_BIT = 0o040;

/** The text of the file at `path`, of at most `maxBytes` bytes. A `secret` one must be its owner's alone ({@link findExposure}). */
export async function readSmallFile(
  path: string,
  maxBytes: number,
  secret = false,
): Promise<SmallFileOutcome> {
  try {
    using file = await Deno.open(path);
    const why = secret ? findExposure(path, await file.stat()) : undefined;
    if (why !== undefined) return { kind: "bad", fault: "exposed", why };
    const chunks: Uint8Array[] = [];
    for (let missing = maxBytes + 1; missing > 0;) {
      const chunk = new Uint8Array(Math.min(missing, 64 * 1024));
      const count = await file.read(chunk);
      if (count === null) return { kind: "ok", text: decodeFile(concatBytes(chunks)) };
      chunks.push(chunk.subarray(0, count));
      missing -= count;
    }
    return { kind: "bad", fault: "too_large", why: `larger than ${maxBytes} bytes` };
  } catch (error) {
    return unreadableFile(error);
  }
}

/** The same for a file that the program itself writes, which is a regular file; opening a pipe would wait for its writer. */
export function readProgramFile(path: string, maxBytes: number): SmallFileOutcome {
  try {
    if (!Deno.statSync(path).isFile) return { kind: "bad", fault: "unreadable", why: "is no regular file" };
    using file = Deno.openSync(path);
    const bytes = new Uint8Array(Math.min(maxBytes, file.statSync().size) + 1);
    let length = 0;
    for (let count: number | null = 0; count !== null && length < bytes.length; length += count ?? 0) {
      count = file.readSync(bytes.subarray(length));
    }
    if (length > maxBytes) return { kind: "bad", fault: "too_large", why: `larger than ${maxBytes} bytes` };
    return { kind: "ok", text: decodeFile(bytes.subarray(0, length)) };
  } catch (error) {
    return unreadableFile(error);
  }
}

/**
 * The text of a file's bytes: UTF-8, or UTF-16 where a byte order mark says so, as editors and shells on Windows write it. The mark
 * (Unicode Standard, section 23.8) is no part of the text.
 */
export function decodeFile(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const isUtf16 = first === 0xff && second === 0xfe || first === 0xfe && second === 0xff;
  return new TextDecoder(!isUtf16 ? "utf-8" : first === 0xff ? "utf-16le" : "utf-16be").decode(bytes);
}

function unreadableFile(error: unknown): SmallFileOutcome {
  const fault = error instanceof Deno.errors.NotFound ? "missing" : "unreadable";
  return { kind: "bad", fault, why: describeReadError(error) };
}

/**
 * What to do about a secret file at `path` that others can reach, in words; undefined: they cannot. A file that root owns may
 * be read by its group: so certificates' keys (group ssl-cert) and systemd's credentials are handed to a service. What is no
 * file (a pipe) and what has no POSIX mode (Windows) is not judged.
 */
export function findExposure(path: string, { mode, uid, isFile }: Deno.FileInfo): string | undefined {
  if (mode === null || !isFile || Deno.build.os === "windows") return undefined;
  const reached = mode & OTHERS_BITS & (uid === 0 ? ~GROUP_READ_BIT : ~0);
  if (reached === 0) return undefined;
  const shown = (mode & 0o777).toString(8).padStart(4, "0");
  return `others can reach it (mode ${shown}), and it is secret; keep it to yourself: chmod 600 ${path}`;
}

/** Why a file could not be read, in a few words. */
export function describeReadError(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "no such file";
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    return "may not be read";
  }
  if (error instanceof Deno.errors.IsADirectory) return "is a folder, not a file";
  return error instanceof Error ? error.message : String(error);
}
