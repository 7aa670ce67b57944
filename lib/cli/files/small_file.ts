/**
 * Reading of whole files. The caller gives a bound in bytes, which holds for any kind of file: of `/dev/zero`
 * no more is read. A file that a person names may be a pipe (`<(pass show chat)`); a file of the program's
 * own must be a regular file.
 */
import { concatBytes } from "../../base/bytes.ts";

export type SmallFileOutcome =
  | { readonly kind: "ok"; readonly text: string }
  | { readonly kind: "bad"; readonly fault: SmallFileFault; readonly why: string };

/** `exposed`: the file is secret, and other users may read or change it. */
export type SmallFileFault = "missing" | "exposed" | "too_large" | "unreadable";

/** POSIX mode bits (sys/stat.h): all permissions of group and others, and the one of the group to read. */
const OTHERS_BITS = 0o077;
const GROUP_READ_BIT = 0o040;

/**
 * The text of the file at `path`, of at most `maxBytes` bytes. A secret file must not be exposed ({@link
 * findExposure}).
 */
export async function readSmallFile(
  path: string,
  maxBytes: number,
  isSecret = false,
): Promise<SmallFileOutcome> {
  try {
    using file = await Deno.open(path);
    const why = isSecret ? findExposure(path, await file.stat()) : undefined;
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

/**
 * As {@link readSmallFile}, for a file that the program itself writes. It is not opened unless it is a
 * regular file: opening a pipe would wait for a writer.
 */
export function readProgramFile(path: string, maxBytes: number, isSecret = false): SmallFileOutcome {
  try {
    if (!Deno.statSync(path).isFile) {
      return { kind: "bad", fault: "unreadable", why: "is not a regular file" };
    }
    using file = Deno.openSync(path);
    const info = file.statSync();
    const why = isSecret ? findExposure(path, info) : undefined;
    if (why !== undefined) return { kind: "bad", fault: "exposed", why };
    const bytes = new Uint8Array(Math.min(maxBytes, info.size) + 1);
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
 * The text of a file's bytes: UTF-8, or UTF-16 if a byte order mark says so, as editors and shells on Windows
 * write it. The mark (Unicode Standard, section 23.8) is not part of the text.
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
 * For a secret file at `path` that other users can read or change: the sentence that says so, and what to do.
 * Undefined: they cannot. A file that root owns may be read by its group: certificates' keys (group ssl-cert)
 * and systemd's credentials are passed to a service that way. Pipes, and files without a POSIX mode
 * (Windows), are not checked.
 */
export function findExposure(path: string, { mode, uid, isFile }: Deno.FileInfo): string | undefined {
  if (mode === null || !isFile || Deno.build.os === "windows") return undefined;
  const reached = mode & OTHERS_BITS & (uid === 0 ? ~GROUP_READ_BIT : ~0);
  if (reached === 0) return undefined;
  const shown = (mode & 0o777).toString(8).padStart(4, "0");
  return `other users can read or change it (mode ${shown}); to protect it: chmod 600 ${path}`;
}

/** Why a file could not be read, in a few words. */
export function describeReadError(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "no such file";
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    return "cannot be read: permission denied";
  }
  if (error instanceof Deno.errors.IsADirectory) return "is a folder, not a file";
  return error instanceof Error ? error.message : String(error);
}
