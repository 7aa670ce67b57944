/** What an agent may read, and where it may write: nothing that the person who starts it has not named. Pure. */
import { UsageError } from "../../lib/cli/flags/command_definition.ts";
import { isServiceName } from "../../lib/client/commands/arguments.ts";
import { casefold } from "../../lib/irc/names/casemap.ts";
import { channelFault, isChannelName, isTargetName } from "../../lib/irc/names/name_rules.ts";
import { ToolRefusal } from "./tool_refusal.ts";

/** Most rooms and people in a list. */
export const MAX_ALLOWED_NAMES = 50;

export interface AllowedNames {
  /** Rooms that are read and written. */
  readonly rooms: readonly string[];
  /** People: the direct conversations with them are read and written. */
  readonly people: readonly string[];
  /** In rooms, messages of these people are shown; empty: those of all. */
  readonly senders: readonly string[];
}

export class AllowList {
  readonly rooms: readonly string[];
  readonly people: readonly string[];
  /** Folded name → as it was given. */
  readonly #conversations: ReadonlyMap<string, string>;
  readonly #senders: ReadonlySet<string>;

  /** @throws {UsageError} A name is none of a room or person, or there are too many. */
  constructor({ rooms, people, senders }: AllowedNames) {
    for (const room of rooms) checkRoom(room);
    for (const name of people) checkPerson("--allow-person", name);
    for (const name of senders) checkPerson("--allow-sender", name);
    for (const names of [rooms, people, senders]) {
      if (names.length > MAX_ALLOWED_NAMES) {
        throw new UsageError(`at most ${MAX_ALLOWED_NAMES} rooms, people and senders each can be allowed`);
      }
    }
    this.#conversations = new Map([...rooms, ...people].map((name) => [casefold(name), name]));
    const all = [...this.#conversations.values()];
    this.rooms = all.filter(isChannelName);
    this.people = all.filter((name) => !isChannelName(name));
    this.#senders = new Set([...senders, ...senders.length > 0 ? people : []].map(casefold));
  }

  /** Whether messages of some people in rooms are left out. */
  get choosesSenders(): boolean {
    return this.#senders.size > 0;
  }

  /** The conversation that `name` means, as it was given to the program. @throws {ToolRefusal} It is not allowed. */
  require(name: string): string {
    const found = this.#conversations.get(casefold(name));
    if (found !== undefined) return found;
    const all = this.requireAll();
    const kind = isChannelName(name) ? "room" : "person";
    throw new ToolRefusal(
      `the ${kind} ${JSON.stringify(name)} is not allowed; allowed are ${all.join(", ")}. ` +
        `The person who runs you can change that (--allow-${kind})`,
    );
  }

  /** All conversations that are allowed. @throws {ToolRefusal} There is none. */
  requireAll(): string[] {
    if (this.#conversations.size > 0) return [...this.#conversations.values()];
    throw new ToolRefusal(
      "no room and no person is allowed: chatterbox mcp was started without --allow-room and --allow-person, " +
        "which the person who runs you can add",
    );
  }

  isAllowed(conversation: string): boolean {
    return this.#conversations.has(casefold(conversation));
  }

  /** Whether what `name` says is shown. `me`: our nick. */
  isShown(name: string, me: string): boolean {
    const folded = casefold(name);
    return !this.choosesSenders || this.#senders.has(folded) || folded === casefold(me);
  }
}

function checkRoom(room: string): void {
  if (isChannelName(room) && channelFault(room) === undefined) return;
  throw new UsageError(
    `--allow-room ${JSON.stringify(room)}: not a valid room name; a room is '#NAME', in quotes`,
  );
}

function checkPerson(flag: string, name: string): void {
  if (isChannelName(name) || !isTargetName(name)) {
    throw new UsageError(`${flag} ${JSON.stringify(name)}: not a valid user name`);
  }
  if (isServiceName(name)) {
    throw new UsageError(
      `${flag} ${name}: services are told passphrases, and an agent may not write to them`,
    );
  }
}
