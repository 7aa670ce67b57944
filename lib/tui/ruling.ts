/** What who runs a room, or the server, types: the commands and what they ask for. Pure. */
import { parseDuration } from "../cli/duration.ts";
import { isRoomName } from "../irc/names.ts";
import type { Slash } from "./slash.ts";
import { cut, cutRoom, given, withPrefix, wordsOf } from "./words.ts";

/** A change of somebody's standing in a room. */
export type Grant = "+o" | "-o" | "+v" | "-v";

/** In all of these no room means the current one. */
export type Ruling =
  | { readonly kind: "kick"; readonly room?: string; readonly name: string; readonly reason?: string }
  | { readonly kind: "invite"; readonly room?: string; readonly name: string }
  | {
    readonly kind: "grant";
    readonly room?: string;
    readonly change: Grant;
    readonly names: readonly string[];
  }
  /** No changes: show them. */
  | { readonly kind: "mode"; readonly room?: string; readonly changes: readonly string[] }
  /** From a room; `duration` as typed. */
  | {
    readonly kind: "ban";
    readonly room?: string;
    readonly mask: string;
    readonly duration?: string;
    readonly reason?: string;
  }
  | { readonly kind: "unban"; readonly room?: string; readonly mask: string }
  | { readonly kind: "bans"; readonly room?: string }
  | { readonly kind: "rename"; readonly room?: string; readonly to: string; readonly reason?: string }
  /** On the whole server: let nobody in, or let nobody speak. */
  | {
    readonly kind: "sentence";
    readonly verb: "BAN" | "MUTE";
    readonly mask: string;
    readonly duration?: string;
    readonly reason?: string;
  }
  | { readonly kind: "pardon"; readonly verb: "UNBAN" | "UNMUTE"; readonly mask: string }
  | { readonly kind: "sentences" }
  | { readonly kind: "kill"; readonly name: string; readonly reason?: string }
  /** No name: our own. */
  | { readonly kind: "oper"; readonly name?: string; readonly password?: string };

export const ROOM_COMMANDS = {
  kick: {
    usage: "[ROOM] NAME [REASON]",
    summary: "remove somebody from the room",
    topic: "room",
    parse: parseKick,
  },
  ban: {
    usage: "[ROOM] NAME|account:NAME|MASK [REASON]",
    summary: "keep somebody out of the room, and remove them",
    topic: "room",
    parse: parseBan,
  },
  unban: { usage: "[ROOM] NAME|MASK", summary: "let somebody in again", topic: "room", parse: parseUnban },
  bans: { usage: "[ROOM]", summary: "who is kept out of the room", topic: "room", parse: parseBans },
  op: {
    usage: "[ROOM] NAME…",
    summary: "let somebody run the room with you",
    topic: "room",
    parse: grant("+o"),
  },
  deop: { usage: "[ROOM] NAME…", summary: "take that back", topic: "room", parse: grant("-o") },
  voice: {
    usage: "[ROOM] NAME…",
    summary: "let somebody speak in a moderated room",
    topic: "room",
    parse: grant("+v"),
  },
  devoice: { usage: "[ROOM] NAME…", summary: "take that back", topic: "room", parse: grant("-v") },
  mode: {
    usage: "[ROOM] [CHANGES…]",
    summary: "show the room's settings, or change them: +i by invitation only, +m moderated, " +
      "+n no messages from outside, +s secret, +t topic by operators, +k KEY, +l NUMBER",
    topic: "room",
    parse: parseMode,
  },
  rename: {
    usage: "[ROOM] NEWNAME [REASON]",
    summary: "give the room another name, as in: /rename #dev #ops; the former one leads to it for a day",
    topic: "room",
    parse: parseRename,
  },
} as const satisfies Record<string, Slash>;

export const SERVER_COMMANDS = {
  oper: {
    usage: "[NAME] [PASSWORD]",
    summary: "take up your rights as an operator of the server",
    topic: "server",
    parse: parseOper,
  },
  kill: {
    usage: "NAME [REASON]",
    summary: "close somebody's connections",
    topic: "server",
    parse: parseKill,
  },
  gban: {
    usage: "NAME|account:NAME|ADDRESS [DURATION] [REASON]",
    summary: "keep somebody off the server, as in: /gban bob 2h",
    topic: "server",
    parse: sentence("BAN"),
  },
  ungban: { usage: "NAME|…", summary: "let somebody in again", topic: "server", parse: pardon("UNBAN") },
  gbans: {
    usage: "",
    summary: "who is kept off the server, and who may not speak",
    topic: "server",
    parse: (rest) => rest === "" ? { kind: "sentences" } : undefined,
  },
  mute: {
    usage: "NAME|account:NAME|ADDRESS [DURATION] [REASON]",
    summary: "let somebody stay, but say nothing",
    topic: "server",
    parse: sentence("MUTE"),
  },
  unmute: { usage: "NAME|…", summary: "let somebody speak again", topic: "server", parse: pardon("UNMUTE") },
} as const satisfies Record<string, Slash>;

/** `[ROOM] NAME [ROOM]`. */
export function parseInvite(rest: string): Ruling | undefined {
  const [first, behind] = cutRoom(rest);
  const [name, second] = cut(behind);
  if (name === "" || second !== "" && (first !== "" || !isRoomName(second) || /\s/.test(second))) {
    return undefined;
  }
  return { kind: "invite", name, ...given("room", first || second) };
}

function parseKick(rest: string): Ruling | undefined {
  const [room, behind] = cutRoom(rest);
  const [name, reason] = cut(behind);
  return name === "" ? undefined : { kind: "kick", name, ...given("room", room), ...given("reason", reason) };
}

function parseBan(rest: string): Ruling | undefined {
  const [room, behind] = cutRoom(rest);
  const [mask, more] = cut(behind);
  return mask === "" ? undefined : { kind: "ban", mask, ...given("room", room), ...term(more) };
}

function parseUnban(rest: string): Ruling | undefined {
  const [room, behind] = cutRoom(rest);
  const [mask, more] = cut(behind);
  return mask === "" || more !== "" ? undefined : { kind: "unban", mask, ...given("room", room) };
}

function parseBans(rest: string): Ruling | undefined {
  const [room, more] = cutRoom(rest);
  return more === "" ? { kind: "bans", ...given("room", room) } : undefined;
}

function grant(change: Grant): (rest: string) => Ruling | undefined {
  return (rest) => {
    const [room, behind] = cutRoom(rest);
    const names = wordsOf(behind);
    return names.length === 0 ? undefined : { kind: "grant", change, names, ...given("room", room) };
  };
}

function parseMode(rest: string): Ruling {
  const [room, behind] = cutRoom(rest);
  return { kind: "mode", changes: wordsOf(behind), ...given("room", room) };
}

/** A reason only behind both names: in `/rename #dev ops` the second word might be either. */
function parseRename(rest: string): Ruling | undefined {
  const [first, behind] = cut(rest);
  const [second, reason] = cut(behind);
  if (first === "") return undefined;
  if (second === "") return { kind: "rename", to: withPrefix(first) };
  if (!isRoomName(first) || !isRoomName(second)) return undefined;
  return { kind: "rename", room: first, to: second, ...given("reason", reason) };
}

function parseKill(rest: string): Ruling | undefined {
  const [name, reason] = cut(rest);
  return name === "" ? undefined : { kind: "kill", name, ...given("reason", reason) };
}

function parseOper(rest: string): Ruling | undefined {
  const [name, behind] = cut(rest);
  const [password, more] = cut(behind);
  return more === "" ? { kind: "oper", ...given("name", name), ...given("password", password) } : undefined;
}

function sentence(verb: "BAN" | "MUTE"): (rest: string) => Ruling | undefined {
  return (rest) => {
    const [mask, more] = cut(rest);
    return mask === "" ? undefined : { kind: "sentence", verb, mask, ...term(more) };
  };
}

function pardon(verb: "UNBAN" | "UNMUTE"): (rest: string) => Ruling | undefined {
  return (rest) => {
    const [mask, more] = cut(rest);
    return mask === "" || more !== "" ? undefined : { kind: "pardon", verb, mask };
  };
}

/** `[DURATION] [REASON]`. */
function term(text: string): { readonly duration?: string; readonly reason?: string } {
  const [word, rest] = cut(text);
  return parseDuration(word) === undefined
    ? given("reason", text)
    : { ...given("duration", word), ...given("reason", rest) };
}
