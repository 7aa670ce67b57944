/**
 * The rooms that a name was in on a server, and the view that was current: `join` enters them again.
 *
 *     <state dir>/rooms/<server>/<name>     {"rooms":["#lobby","#dev"],"current":"bob"}
 */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import { loadClientSettings } from "../../lib/cli/files/client_settings.ts";
import { stateDir } from "../../lib/cli/files/user_dirs.ts";
import { isSameName } from "../../lib/irc/names/casemap.ts";
import {
  channelFault,
  isChannelName,
  isChannelTarget,
  isTargetName,
} from "../../lib/irc/names/name_rules.ts";
import type { Address } from "../../lib/net/address.ts";
import type { KeptRooms } from "../../lib/tui/chat_saver.ts";
import type { ClientFlags } from "../support/client_options.ts";
import type { ClientLogin } from "../support/client_login.ts";
import { mergeNames } from "./merged_names.ts";
import { NameFile } from "./name_file.ts";

/** Rooms that are kept: as many as a session may be in on a ChatterBox server. */
export const MAX_KEPT_ROOMS = 100;
/** A larger file is not a list of rooms. */
const MAX_FILE_BYTES = 64 * 1024;

const NO_ROOMS: KeptRooms = { rooms: [], current: undefined };

export type RoomsFileOutcome =
  | { readonly kind: "missing" }
  | { readonly kind: "ok"; readonly kept: KeptRooms }
  /** The file cannot be read. */
  | { readonly kind: "bad"; readonly why: string };

export class RoomsFile {
  readonly #file: NameFile;

  /** `dir`: the folder `rooms` of the state folder. */
  constructor(dir: string, address: Address, name: string) {
    this.#file = new NameFile(dir, address, name);
  }

  get path(): string {
    return this.#file.path;
  }

  read(): RoomsFileOutcome {
    const read = this.#file.read(MAX_FILE_BYTES);
    if (read.kind === "bad") {
      if (read.fault === "missing") return { kind: "missing" };
      return { kind: "bad", why: read.fault === "too_large" ? "not a list of rooms" : read.why };
    }
    const kept = parseKeptRooms(read.text);
    return kept === undefined ? { kind: "bad", why: "not a list of rooms" } : { kind: "ok", kept };
  }

  /**
   * Makes the change from `before` to `now` in the file: rooms that another process has entered or left, and the view that
   * it has come to, stay. Throws disk errors, and an error where the file cannot be read.
   */
  change(before: KeptRooms, now: KeptRooms): void {
    this.#file.exclusively(() => {
      const read = this.read();
      if (read.kind === "bad") throw new Error(`${this.path}: ${read.why}`);
      const merged = read.kind === "missing" ? now : {
        rooms: mergeNames(before.rooms, now.rooms, read.kept.rooms),
        current: now.current === before.current ? read.kept.current : now.current,
      };
      // Other servers may have names that cannot be read again.
      const rooms = merged.rooms.filter(isChannelTarget).slice(-MAX_KEPT_ROOMS);
      const current = isTargetName(merged.current ?? "") ? merged.current : undefined;
      this.#file.write(JSON.stringify({ rooms, current }) + "\n");
    });
  }
}

function parseKeptRooms(text: string): KeptRooms | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { rooms, current } = value as { rooms?: unknown; current?: unknown };
  const isRoom = (room: unknown) => typeof room === "string" && isChannelTarget(room);
  if (!Array.isArray(rooms) || rooms.length > MAX_KEPT_ROOMS || !rooms.every(isRoom)) return undefined;
  if (current !== undefined && (typeof current !== "string" || !isTargetName(current))) return undefined;
  return { rooms, current };
}

/** Where a run begins. */
export interface FirstRooms extends KeptRooms {
  /** Keeps the rooms for the next time; undefined: they are not kept. */
  readonly keep: ((kept: KeptRooms) => void) | undefined;
}

/**
 * The rooms `given`, of which the first becomes the current view, and those of the last time; the configured ones if there
 * are neither. No rooms: the lobby of the server. A file that cannot be read is left as it is.
 */
export async function chooseRooms(
  { address, name }: ClientLogin,
  given: readonly string[],
  flags: ClientFlags,
  io: Io,
): Promise<FirstRooms> {
  const dir = stateDir(io.env);
  const file = dir === undefined ? undefined : new RoomsFile(`${dir}/rooms`, address, name);
  const read = file?.read() ?? { kind: "missing" };
  if (read.kind === "bad") {
    const text = `the rooms of the last time are not entered: ${file?.path} cannot be read: ${read.why}`;
    io.stderr.write(`chatterbox: ${toPrintable(text)}\n`);
  }
  const kept = read.kind === "ok" ? read.kept : NO_ROOMS;
  const rooms = [...kept.rooms];
  for (const room of given) if (!includesRoom(rooms, room)) rooms.push(room);
  if (rooms.length === 0) rooms.push(...await readConfiguredRooms(flags, io));
  const current = given[0] ?? kept.current;
  const isThere = current !== undefined && rooms.length > 0 &&
    (!isChannelName(current) || includesRoom(rooms, current));
  return {
    rooms,
    current: isThere ? current : rooms[0],
    keep: file === undefined || read.kind === "bad" ? undefined : roomsKeeper(file, kept),
  };
}

/** `before`: what the file had when it was read. */
function roomsKeeper(file: RoomsFile, before: KeptRooms): (kept: KeptRooms) => void {
  return (now) => {
    file.change(before, now);
    before = now;
  };
}

function includesRoom(rooms: readonly string[], room: string): boolean {
  return rooms.some((known) => isSameName(known, room));
}

/** The key `rooms` of the configuration; one that is no room is told, and left out. */
async function readConfiguredRooms(flags: ClientFlags, io: Io): Promise<readonly string[]> {
  const read = await loadClientSettings(
    { server: flags.server, name: flags.name, profile: flags.profile },
    io.env,
    io.systemName,
  );
  const rooms = read.kind === "ok" ? read.settings.rooms : [];
  return rooms.filter((room) => {
    const isRoom = channelFault(room) === undefined;
    if (!isRoom) io.stderr.write(`chatterbox: ${toPrintable(`not a room (from config.json): ${room}`)}\n`);
    return isRoom;
  });
}
