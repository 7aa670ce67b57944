/**
 * Presence of people, and their ranks in rooms, as far as the lines of the server tell: away-notify, extended-monitor,
 * and the responses to WHO, WHOIS and NAMES. Pure.
 */
import { casefold } from "../../irc/names/casemap.ts";
import { parseSource } from "../../irc/message.ts";
import type { Message } from "../../irc/message.ts";
import {
  RPL_AWAY,
  RPL_MONOFFLINE,
  RPL_MONONLINE,
  RPL_NAMREPLY,
  RPL_NOWAWAY,
  RPL_UNAWAY,
  RPL_WHOISUSER,
  RPL_WHOREPLY,
} from "../../irc/numerics.ts";

/** "unknown": nothing has told of the person; a member of a room is online then. */
export type PresenceState = "online" | "away" | "offline" | "unknown";

export interface PersonPresence {
  readonly state: PresenceState;
  /** What a person that is away has left; "": nothing, or it is unknown. */
  readonly text: string;
  /** Since when, milliseconds since the epoch; undefined: unknown. */
  readonly since: number | undefined;
}

export type Rank = "operator" | "voice" | "";

/** People, and ranks of people, that are known; further ones of very large rooms are unknown. */
export const MAX_KNOWN_PRESENCES = 50_000;

const UNKNOWN: PersonPresence = { state: "unknown", text: "", since: undefined };
/** Channel modes with a parameter, those of RFC 2811 and of ours; `l` has one where it is set. */
const MODES_WITH_PARAMETER = "qaohvbeIk";

export class Presence {
  /** By folded nick. */
  readonly #people = new Map<string, PersonPresence>();
  /** By folded channel and nick. */
  readonly #ranks = new Map<string, Rank>();

  get(nick: string): PersonPresence {
    return this.#people.get(casefold(nick)) ?? UNKNOWN;
  }

  rank(channel: string, nick: string): Rank {
    return this.#ranks.get(keyOf(channel, nick)) ?? "";
  }

  /** The connection is lost: all may have changed when it is back. */
  clear(): void {
    this.#people.clear();
    this.#ranks.clear();
  }

  /** Takes a line of the server, also one of a response. */
  apply({ command, source, params }: Message, now: number): void {
    const [first = "", second = "", third = "", ...more] = params;
    const { nick } = parseSource(source ?? "");
    switch (command) {
      case "AWAY":
        return this.#set(nick, first === "" ? "online" : "away", first, now);
      case RPL_AWAY:
        return this.#noteAway(second, third);
      case RPL_NOWAWAY:
        return this.#set(first, "away", "", now);
      case RPL_UNAWAY:
        return this.#set(first, "online", "", now);
      case RPL_WHOISUSER:
        return this.#set(second, "online");
      case RPL_WHOREPLY:
        return this.#applyWho(second, more[2] ?? "", more[3] ?? "");
      case RPL_NAMREPLY:
        for (const name of (more[0] ?? "").split(" ")) {
          this.#setRank(third, name.replace(/^[~&@%+!]+/, ""), name);
        }
        return;
      case RPL_MONONLINE:
        for (const name of second.split(",")) this.#noteOnline(parseSource(name).nick, now);
        return;
      case RPL_MONOFFLINE:
        for (const name of second.split(",")) this.#noteOffline(name, now);
        return;
      case "QUIT":
        return this.#noteOffline(nick, now);
      case "JOIN":
        return this.#noteOnline(nick, now);
      case "NICK":
        return this.#rename(nick, first);
      case "PART":
        return void this.#ranks.delete(keyOf(first, nick));
      case "KICK":
        return void this.#ranks.delete(keyOf(first, second));
      case "MODE":
        return this.#applyModes(first, second, params.slice(2));
    }
  }

  /** `352 <client> <channel> <username> <host> <server> <nick> <flags>`: H is here, G is gone. */
  #applyWho(channel: string, nick: string, flags: string): void {
    const isAway = flags.startsWith("G");
    const known = this.get(nick);
    if (known.state !== (isAway ? "away" : "online")) this.#set(nick, isAway ? "away" : "online");
    this.#setRank(channel, nick, flags.replace(/^[HG]\*?/, ""));
  }

  #applyModes(channel: string, modes: string, params: string[]): void {
    let isOn = true;
    for (const letter of modes) {
      if (letter === "+" || letter === "-") isOn = letter === "+";
      else if (letter === "o" || letter === "v") {
        const nick = params.shift() ?? "";
        const rank = letter === "o" ? "operator" : "voice";
        // Of both ranks the lower one is not shown.
        if (isOn && this.rank(channel, nick) !== "operator") this.#putRank(channel, nick, rank);
        else if (!isOn && this.rank(channel, nick) === rank) this.#putRank(channel, nick, "");
      } else if (MODES_WITH_PARAMETER.includes(letter) || letter === "l" && isOn) params.shift();
    }
  }

  /** `prefixes` begins with the marks of the rank, as in RPL_NAMREPLY. */
  #setRank(channel: string, nick: string, prefixes: string): void {
    this.#putRank(
      channel,
      nick,
      /^[~&@]/.test(prefixes) ? "operator" : prefixes.startsWith("+") ? "voice" : "",
    );
  }

  #putRank(channel: string, nick: string, rank: Rank): void {
    const key = keyOf(channel, nick);
    if (rank === "") this.#ranks.delete(key);
    else if (this.#ranks.size < MAX_KNOWN_PRESENCES) this.#ranks.set(key, rank);
  }

  #set(nick: string, state: PresenceState, text = "", since?: number): void {
    if (this.#people.size >= MAX_KNOWN_PRESENCES && !this.#people.has(casefold(nick))) return;
    this.#people.set(casefold(nick), { state, text, since });
  }

  #noteOnline(nick: string, now: number): void {
    const { state } = this.get(nick);
    if (state === "offline") this.#set(nick, "online", "", now);
    else if (state === "unknown") this.#set(nick, "online");
  }

  /** The response to a message says nothing of the time, which an earlier line may have told. */
  #noteAway(nick: string, text: string): void {
    const { state, since } = this.get(nick);
    this.#set(nick, "away", text, state === "away" ? since : undefined);
  }

  /** Where it was not known before, it is not known since when. */
  #noteOffline(nick: string, now: number): void {
    const { state } = this.get(nick);
    if (state !== "offline") this.#set(nick, "offline", "", state === "unknown" ? undefined : now);
  }

  #rename(from: string, to: string): void {
    const known = this.#people.get(casefold(from));
    this.#people.delete(casefold(from));
    if (known === undefined) this.#people.delete(casefold(to));
    else this.#people.set(casefold(to), known);
    const suffix = ` ${casefold(from)}`;
    for (const [key, rank] of this.#ranks) {
      if (!key.endsWith(suffix)) continue;
      this.#ranks.delete(key);
      this.#ranks.set(key.slice(0, -suffix.length + 1) + casefold(to), rank);
    }
  }
}

function keyOf(channel: string, nick: string): string {
  return `${casefold(channel)} ${casefold(nick)}`;
}

/** `away since 14:02: lunch`; "": nothing is known. `clock`: the time of day. */
export function formatPresence(
  { state, text, since }: PersonPresence,
  clock: (time: number) => string,
): string {
  if (state === "unknown") return "";
  const from = since === undefined || state === "online" ? "" : ` since ${clock(since)}`;
  return `${state}${from}${text === "" ? "" : `: ${text}`}`;
}
