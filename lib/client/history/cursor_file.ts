/**
 * A read position in a file, so that the next run goes on there:
 *
 *     {"server":"127.0.0.1:6667","target":"#ops","msgid":"1a-x3k9","seq":46,"time":"2026-01-31T10:00:00.250Z"}
 *
 * `msgid` and `seq` are null where no message has been read since `time`; `name` is our nick, where `target`
 * is a user; `gap` is the gap behind the message that has been shown. The file is replaced as a whole: it
 * holds an old cursor or a new one.
 */
import { readProgramFile } from "../../cli/files/small_file.ts";
import { isSameName } from "../../irc/names/casemap.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";
import type { Address } from "../../net/address.ts";
import { formatAddress, parseServerUrl } from "../../net/address.ts";
import { serverFolderName } from "../identity/file_names.ts";
import type { ReadPosition, ReportedGap } from "../conversation/model/read_position.ts";

/** The conversation of which a cursor keeps the position. */
export interface CursorOwner {
  readonly address: Address;
  readonly target: string;
  /** Our nick, which direct messages are to or from. */
  readonly name: string;
}

export type CursorOutcome =
  | { readonly kind: "ok"; readonly position: ReadPosition }
  /** The file does not exist. */
  | { readonly kind: "none" }
  /** It is for another conversation. */
  | { readonly kind: "foreign"; readonly why: string }
  | { readonly kind: "damaged" | "unreadable" | "unwritable"; readonly why: string };

/** Larger than any cursor: the longest names and ids of any server are far below. */
const MAX_CURSOR_BYTES = 16 * 1024;

const SYMLINK_TEXT = "it is a symbolic link; name the file itself";

/** Ends the name of the file that replaces the old one. */
const NEW_CURSOR_SUFFIX = ".new";

export class CursorFile {
  readonly #controller = new AbortController();
  #next: ReadPosition | undefined;
  #saving: Promise<void> | undefined;

  constructor(readonly path: string, readonly owner: CursorOwner) {}

  /** Aborted with `{ why: "write_failed", text }` when the file could not be written. */
  get failed(): AbortSignal {
    return this.#controller.signal;
  }

  /** The position in the file. Where there is one, or no file yet, the file can be written. */
  async read(): Promise<CursorOutcome> {
    let found: CursorOutcome = { kind: "none" };
    try {
      if ((await Deno.lstat(this.path)).isSymlink) return { kind: "unreadable", why: SYMLINK_TEXT };
      const read = readProgramFile(this.path, MAX_CURSOR_BYTES);
      if (read.kind === "ok") found = this.#judge(read.text);
      else if (read.fault === "too_large") found = { kind: "damaged", why: `it is ${read.why}` };
      else if (read.fault !== "missing") return { kind: "unreadable", why: read.why };
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) return { kind: "unreadable", why: reason(error) };
    }
    if (found.kind !== "ok" && found.kind !== "none") return found;
    try {
      const fresh = this.#freshPath();
      await Deno.writeTextFile(fresh, "", { createNew: true, mode: 0o600 });
      await Deno.remove(fresh);
    } catch (error) {
      return { kind: "unwritable", why: reason(error) };
    }
    return found;
  }

  /** Everything up to `position` has been shown: resolves when the file says so, or has {@link failed}. */
  moveTo(position: ReadPosition): Promise<void> {
    this.#next = position;
    return this.#saving ??= this.#save();
  }

  async #save(): Promise<void> {
    try {
      for (let next = this.#next; next !== undefined && !this.failed.aborted; next = this.#next) {
        this.#next = undefined;
        await this.#write(next);
      }
    } catch (error) {
      this.#controller.abort({ why: "write_failed", text: reason(error) });
    } finally {
      this.#saving = undefined;
    }
  }

  async #write({ id, seq, time, reportedGap }: ReadPosition): Promise<void> {
    const { address, target, name } = this.owner;
    const cursor = {
      server: formatAddress(address),
      target,
      ...isChannelName(target) ? {} : { name },
      msgid: id ?? null,
      seq: seq ?? null,
      time: new Date(time).toISOString(),
      ...reportedGap === undefined ? {} : { gap: formatReportedGap(reportedGap) },
    };
    const fresh = this.#freshPath();
    try {
      using file = await Deno.open(fresh, { write: true, createNew: true, mode: 0o600 });
      const bytes = new TextEncoder().encode(JSON.stringify(cursor) + "\n");
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
      await file.syncData(); // or a power cut could leave an empty file under the name
      await Deno.rename(fresh, this.path);
    } catch (error) {
      await Deno.remove(fresh).catch(() => {}); // no later run would find it
      throw error;
    }
  }

  /** A new name each time: in a shared folder, another user could put a symbolic link under a known one. */
  #freshPath(): string {
    return `${this.path}.${crypto.randomUUID()}${NEW_CURSOR_SUFFIX}`;
  }

  #judge(text: string): CursorOutcome {
    const cursor = parse(text);
    if (typeof cursor === "string") return { kind: "damaged", why: cursor };
    const { server, target, name } = cursor;
    const { owner } = this;
    const address = parseServerUrl(server);
    if (address.kind === "bad") return { kind: "damaged", why: `its "server" is ${address.why}` };
    const found = isChannelName(target) ? target : `messages of ${name ?? "no user"} and ${target}`;
    const same = serverFolderName(address) === serverFolderName(owner.address) &&
      isSameName(target, owner.target) &&
      (isChannelName(target) || isSameName(name ?? "", owner.name));
    if (same) return { kind: "ok", position: cursor };
    const wanted = isChannelName(owner.target)
      ? owner.target
      : `messages of ${owner.name} and ${owner.target}`;
    const [there, here] = [describeServer(address), describeServer(owner.address)];
    return { kind: "foreign", why: `it is for ${found} ${there}, not for ${wanted} ${here}` };
  }
}

/** A Unix address of `logs --local` is the data folder of the server. */
function describeServer(address: Address): string {
  return address.kind === "unix" && isFolder(address.path)
    ? `in the memory of ${address.path} (--local)`
    : `on ${formatAddress(address)}`;
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

interface Cursor extends ReadPosition {
  readonly server: string;
  readonly target: string;
  readonly name: string | undefined;
}

/** The cursor, or why it is damaged. */
function parse(text: string): Cursor | string {
  if (text === "") return "it is empty";
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "it is not JSON";
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "it is not a JSON object";
  const { server, target, name, msgid, seq, time, gap } = value as Record<string, unknown>;
  if (typeof server !== "string" || server === "") return 'it has no "server"';
  if (typeof target !== "string" || target === "") return 'it has no "target"';
  if (name !== undefined && typeof name !== "string") return 'its "name" is not a text';
  if (msgid !== null && (typeof msgid !== "string" || !/^[!-~]+$/.test(msgid))) {
    return 'its "msgid" is not a message id';
  }
  if (seq !== null && !(Number.isSafeInteger(seq) && (seq as number) >= 0)) {
    return 'its "seq" is not a number';
  }
  const at = typeof time === "string" ? Date.parse(time) : NaN;
  if (Number.isNaN(at)) return 'its "time" is not a time';
  const reportedGap = parseReportedGap(gap);
  if (typeof reportedGap === "string") return reportedGap;
  return {
    server,
    target,
    name,
    id: msgid ?? undefined,
    seq: seq as number | null ?? undefined,
    time: at,
    reportedGap,
  };
}

function formatReportedGap({ count, most, why }: ReportedGap): Record<string, unknown> {
  return { lost: count ?? null, ...most !== undefined && { at_most: most }, why };
}

function parseReportedGap(gap: unknown): ReportedGap | undefined | string {
  if (gap === undefined) return undefined;
  const { lost, at_most: most, why } = (gap ?? {}) as Record<string, unknown>;
  if (why !== "overwritten" && why !== "restart") return 'its "gap" has no "why"';
  if (lost !== null && !Number.isSafeInteger(lost)) return 'its "gap" has no "lost"';
  return {
    count: lost as number | null ?? undefined,
    ...Number.isSafeInteger(most) && { most: most as number },
    why,
  };
}

function reason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "its folder does not exist";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.IsADirectory) return "it is a folder";
  return (error instanceof Error ? error.message : String(error)).replace(/ \(os error \d+\)$/, "");
}
