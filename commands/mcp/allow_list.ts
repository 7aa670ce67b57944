/** What an agent may read, and where it may write: nothing that the person who starts it has not named. Pure. */
import { UsageError } from "../../lib/cli/flags/command_definition.ts";
import { isServiceName } from "../../lib/client/commands/arguments.ts";
import { casefold, isSameName } from "../../lib/irc/names/casemap.ts";
import { channelFault, isChannelName, isTargetName } from "../../lib/irc/names/name_rules.ts";
import { ONCALL_SERVICE } from "../../lib/irc/oncall.ts";
import { ToolRefusal } from "./tool_refusal.ts";

/** Most rooms and people in a list. */
export const MAX_ALLOWED_NAMES = 50;

export interface AllowedNames {
  /** Rooms that are read and written. */
  readonly rooms: readonly string[];
  /** People: the direct conversations with them are read and written. */
  readonly people: readonly string[];
  /** In rooms, messages of these people are shown; empty: those of all. As people, by nick or as `account:NAME`. */
  readonly senders: readonly string[];
}

/** Stands before the name of an account. */
export const ACCOUNT_PREFIX = "account:";

/** The sender of a message. */
export interface AllowedSender {
  readonly from: string;
  /** As the server vouches for it; undefined: none, or it does not tell. */
  readonly account?: string | null | undefined;
}

export class AllowList {
  readonly rooms: readonly string[];
  readonly people: readonly string[];
  /** Folded name → as it was given. */
  readonly #conversations: ReadonlyMap<string, string>;
  /** Folded names of people that are meant by account: another user of the name is another person. */
  readonly #accountPeople: ReadonlySet<string>;
  readonly #senders: ReadonlySet<string>;
  readonly #senderAccounts: ReadonlySet<string>;

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
    this.#conversations = new Map(
      [...rooms, ...people.map(nameOf)].map((name) => [casefold(name), name]),
    );
    this.#accountPeople = new Set(people.filter(isAccount).map((name) => casefold(nameOf(name))));
    const all = [...this.#conversations.values()];
    this.rooms = all.filter(isChannelName);
    this.people = all.filter((name) => !isChannelName(name));
    const shown = [...senders, ...senders.length > 0 ? people : []];
    this.#senders = new Set(shown.filter((name) => !isAccount(name)).map(casefold));
    this.#senderAccounts = new Set(shown.filter(isAccount).map((name) => casefold(nameOf(name))));
  }

  /** Whether messages of some people in rooms are left out. */
  get choosesSenders(): boolean {
    return this.#senders.size + this.#senderAccounts.size > 0;
  }

  /** Whether people are allowed by account: only a server that tells accounts can be used. */
  get needsAccounts(): boolean {
    return this.#accountPeople.size + this.#senderAccounts.size > 0;
  }

  /** Whether the person `name` has to be logged in to the account of that name. */
  isByAccount(name: string): boolean {
    return this.#accountPeople.has(casefold(name));
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

  /** Whether what `sender` says in `conversation` is shown. `me`: our nick. */
  isShown({ from, account }: AllowedSender, conversation: string, me: string): boolean {
    const [folded, proven] = [casefold(from), account ? casefold(account) : undefined];
    if (folded === casefold(me)) return true;
    if (this.#accountPeople.has(casefold(conversation))) return proven === casefold(conversation);
    return !this.choosesSenders || this.#senders.has(folded) ||
      proven !== undefined && this.#senderAccounts.has(proven);
  }

  /** Whether the answer of `sender` to a question is shown. `me`: our nick. */
  isAnswerShown(sender: AllowedSender, me: string): boolean {
    return this.isShown(sender, this.isByAccount(sender.from) ? sender.from : "", me) ||
      this.isAllowed(sender.from) && !this.isByAccount(sender.from);
  }
}

function isAccount(name: string): boolean {
  return name.startsWith(ACCOUNT_PREFIX);
}

/** `bob` of `account:bob`. */
function nameOf(name: string): string {
  return isAccount(name) ? name.slice(ACCOUNT_PREFIX.length) : name;
}

/** Whether `wanted`, a nick or `account:NAME`, is the sender. */
export function isSender(wanted: string, { from, account }: AllowedSender): boolean {
  if (!isAccount(wanted)) return isSameName(wanted, from);
  return !!account && isSameName(nameOf(wanted), account);
}

function checkRoom(room: string): void {
  if (isChannelName(room) && channelFault(room) === undefined) return;
  throw new UsageError(
    `--allow-room ${JSON.stringify(room)}: not a valid room name; a room is '#NAME', in quotes`,
  );
}

function checkPerson(flag: string, given: string): void {
  const name = nameOf(given);
  if (isChannelName(name) || !isTargetName(name)) {
    throw new UsageError(`${flag} ${JSON.stringify(given)}: not a valid user name`);
  }
  if (isServiceName(name) || isSameName(name, ONCALL_SERVICE)) {
    throw new UsageError(
      `${flag} ${name}: services are told passphrases and acknowledgements, and an agent may not write to them`,
    );
  }
}
