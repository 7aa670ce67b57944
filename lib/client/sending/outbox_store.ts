/**
 * Messages that the server has not acknowledged, on disk: one file a message, so that several processes can
 * use it at once. A file gets its name when it is complete on disk, so that a crash at any moment leaves
 * whole messages.
 *
 *     <state dir>/outbox/<server>/<name>/<order>-<id in hex>.json     file 0600, folders 0700
 *
 * `order` is the time, or one more than the largest one there: it grows even if the clock is set back.
 */
import { encodeUtf8 } from "../../base/bytes.ts";
import { readProgramFile } from "../../cli/files/small_file.ts";
import { isSenderId } from "../../irc/sender_id.ts";
import type { Address } from "../../net/address.ts";
import { removeStaleDrafts, replaceFile } from "../../store/disk/atomic_file.ts";
import { diskErrorText } from "../../store/disk/disk_file.ts";
import type { UnsentMessage, UnsentMessageStore } from "../conversation/unsent_message.ts";
import { encodeFileName, serverFolderName } from "../identity/file_names.ts";

export type OutboxOpenOutcome =
  | { readonly kind: "ok"; readonly store: OutboxStore }
  /** The folder cannot be read; `why` in a few words. */
  | { readonly kind: "bad"; readonly path: string; readonly why: string };

/** Messages that can wait under one name for one server. */
export const MAX_UNSENT = 1000;

/** Larger than any message that a server takes as one, escaped. */
const MAX_FILE_BYTES = 64 * 1024;

const ORDER_DIGITS = 16;
const OUTBOX_FILE_PATTERN = /^(\d{16})-((?:[0-9a-f]{2}){1,64})\.json$/;

/** A parameter before the text. */
const TARGET_PATTERN = /^[^\s,:\0][^\s,\0]*$/;

/** A message could not be kept or removed. */
export class OutboxError extends Error {
  override readonly name = "OutboxError";
  constructor(
    /**
     * `full`: {@link MAX_UNSENT} wait. `id_in_use`: another message waits under the id. `failed`: the disk
     * failed.
     */
    readonly why: "full" | "id_in_use" | "failed",
    text: string,
  ) {
    super(text);
  }
}

/**
 * The messages that wait under `name` (in any letter case) for the server at `address`. `dir` is `outbox` in
 * the state folder. Creates nothing: folders come with the first message.
 */
export function openOutbox(dir: string, address: Address, name: string): OutboxOpenOutcome {
  const path = `${dir}/${serverFolderName(address)}/${encodeFileName(name)}`;
  try {
    removeStaleDrafts(path);
    return { kind: "ok", store: new OutboxStore(path) };
  } catch (error) {
    return { kind: "bad", path, why: diskErrorText(error) };
  }
}

/** Opened by {@link openOutbox} only. */
export class OutboxStore implements UnsentMessageStore {
  /** Damaged files that {@link list} has set aside: their paths, now. */
  readonly setAside: string[] = [];

  constructor(readonly path: string) {}

  /**
   * The messages, oldest first. A damaged file is renamed to `….bad` ({@link setAside}). Throws {@link
   * OutboxError} `failed`.
   */
  list(): UnsentMessage[] {
    return throwOutboxError(this.path, () => this.#files().flatMap((file) => this.#read(file) ?? []));
  }

  /**
   * Keeps `message`; it is on disk when this returns. The same message again changes nothing. Throws {@link
   * OutboxError}; a RangeError for a message that is not a valid {@link UnsentMessage} or is too long.
   */
  add(message: UnsentMessage): void {
    const { id, target, text, manner, at, replyTo, replaces } = message;
    if (!isUnsentMessage(message)) throw new RangeError(`cannot keep ${JSON.stringify(message)}`);
    const content = JSON.stringify({ id, target, text, manner, at, replyTo, replaces }) + "\n";
    const size = encodeUtf8(content).length;
    if (size > MAX_FILE_BYTES) throw new RangeError(`a message of ${size} bytes`);
    throwOutboxError(this.path, () => {
      const files = this.#files();
      const there = files.find((file) => file.id === id);
      const other = there === undefined ? undefined : this.#read(there);
      if (other !== undefined) return assertSame(other, message);
      if (files.length >= MAX_UNSENT) {
        throw new OutboxError("full", `${files.length} messages wait in ${this.path} already`);
      }
      this.#write(fileName(Math.max(at, (files.at(-1)?.order ?? 0) + 1), id), content);
    });
  }

  /** The message has been acknowledged, or never will be. Throws {@link OutboxError} `failed`. */
  remove(id: string): void {
    throwOutboxError(this.path, () => {
      for (const file of this.#files()) {
        if (file.id === id) ignoreMissing(() => Deno.removeSync(`${this.path}/${file.name}`));
      }
    });
  }

  /** In the order of {@link list}. */
  #files(): OutboxFile[] {
    return entriesOf(this.path).flatMap(({ name }) => {
      const [, order, hex] = OUTBOX_FILE_PATTERN.exec(name) ?? [];
      if (order === undefined || hex === undefined) return [];
      return [{ name, order: Number(order), id: new TextDecoder().decode(Uint8Array.fromHex(hex)) }];
    }).sort((a, b) => a.order - b.order || (a.name < b.name ? -1 : 1));
  }

  /** Undefined: another process has removed it meanwhile, or it is damaged. */
  #read({ name, id }: OutboxFile): UnsentMessage | undefined {
    const path = `${this.path}/${name}`;
    const read = readProgramFile(path, MAX_FILE_BYTES);
    if (read.kind === "bad" && read.fault === "missing") return undefined;
    if (read.kind === "bad" && read.fault !== "too_large") throw new Error(read.why);
    const message = parse(read.kind === "ok" ? read.text : "");
    if (message?.id === id) return message;
    ignoreMissing(() => Deno.renameSync(path, `${path}.bad`));
    this.setAside.push(`${path}.bad`);
    return undefined;
  }

  #write(name: string, text: string): void {
    Deno.mkdirSync(this.path, { recursive: true, mode: 0o700 });
    replaceFile(`${this.path}/${name}`, text);
  }
}

interface OutboxFile {
  readonly name: string;
  readonly order: number;
  readonly id: string;
}

function fileName(order: number, id: string): string {
  return `${String(order).padStart(ORDER_DIGITS, "0")}-${encodeUtf8(id).toHex()}.json`;
}

/** Empty if the folder does not exist. */
function entriesOf(path: string): Deno.DirEntry[] {
  return ignoreMissing(() => [...Deno.readDirSync(path)]) ?? [];
}

function parse(text: string): UnsentMessage | undefined {
  try {
    const message: unknown = JSON.parse(text);
    return isUnsentMessage(message) ? message : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isUnsentMessage(value: unknown): value is UnsentMessage {
  if (typeof value !== "object" || value === null) return false;
  const { id, target, text, manner, at, replyTo, replaces } = value as Partial<
    Record<keyof UnsentMessage, unknown>
  >;
  return typeof id === "string" && isSenderId(id) && typeof target === "string" &&
    TARGET_PATTERN.test(target) &&
    typeof text === "string" && /^[^\0]+$/.test(text) && (manner === "said" || manner === "did") &&
    typeof at === "number" && Number.isSafeInteger(at) && at >= 0 &&
    [replyTo, replaces].every((id) => id === undefined || typeof id === "string" && id !== "");
}

function assertSame(there: UnsentMessage, { id, target, text, manner }: UnsentMessage): void {
  if (there.target === target && there.text === text && there.manner === manner) return;
  throw new OutboxError("id_in_use", `another message waits under the id ${id}`);
}

/** Undefined if the file does not exist. */
function ignoreMissing<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function throwOutboxError<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof OutboxError) throw error;
    throw new OutboxError("failed", `${path}: ${diskErrorText(error)}`);
  }
}
