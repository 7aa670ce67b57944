/** What who runs a channel, or the server, types: the commands and what they ask for. Pure. */
import { parseDuration } from "../../cli/values/duration.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";
import type { SlashCommand } from "./slash_command.ts";
import { addChannelPrefix, makeOptionalField, splitChannel, splitFirstWord, splitWords } from "./args.ts";

/** A change of somebody's standing in a channel. */
export type RankChange = "+o" | "-o" | "+v" | "-v";

/** In all of these no channel means the current one. */
export type OperatorInput =
  | { readonly kind: "kick"; readonly channel?: string; readonly name: string; readonly reason?: string }
  | { readonly kind: "invite"; readonly channel?: string; readonly name: string }
  | {
    readonly kind: "grant";
    readonly channel?: string;
    readonly change: RankChange;
    readonly names: readonly string[];
  }
  /** No changes: show them. */
  | { readonly kind: "mode"; readonly channel?: string; readonly changes: readonly string[] }
  /** From a channel; `duration` as typed. */
  | {
    readonly kind: "ban";
    readonly channel?: string;
    readonly mask: string;
    readonly duration?: string;
    readonly reason?: string;
  }
  | { readonly kind: "unban"; readonly channel?: string; readonly mask: string }
  | { readonly kind: "bans"; readonly channel?: string }
  | { readonly kind: "rename"; readonly channel?: string; readonly to: string; readonly reason?: string }
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

export const CHANNEL_COMMANDS = {
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
    parse: parseRankChange("+o"),
  },
  deop: { usage: "[ROOM] NAME…", summary: "take that back", topic: "room", parse: parseRankChange("-o") },
  voice: {
    usage: "[ROOM] NAME…",
    summary: "let somebody speak in a moderated room",
    topic: "room",
    parse: parseRankChange("+v"),
  },
  devoice: { usage: "[ROOM] NAME…", summary: "take that back", topic: "room", parse: parseRankChange("-v") },
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
} as const satisfies Record<string, SlashCommand<OperatorInput>>;

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
    parse: parseServerBan("BAN"),
  },
  ungban: {
    usage: "NAME|…",
    summary: "let somebody in again",
    topic: "server",
    parse: parseServerUnban("UNBAN"),
  },
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
    parse: parseServerBan("MUTE"),
  },
  unmute: {
    usage: "NAME|…",
    summary: "let somebody speak again",
    topic: "server",
    parse: parseServerUnban("UNMUTE"),
  },
} as const satisfies Record<string, SlashCommand<OperatorInput>>;

/** `[ROOM] NAME [ROOM]`. */
export function parseInvite(rest: string): OperatorInput | undefined {
  const [first, behind] = splitChannel(rest);
  const [name, second] = splitFirstWord(behind);
  if (name === "" || second !== "" && (first !== "" || !isChannelName(second) || /\s/.test(second))) {
    return undefined;
  }
  return { kind: "invite", name, ...makeOptionalField("channel", first || second) };
}

function parseKick(rest: string): OperatorInput | undefined {
  const [channel, behind] = splitChannel(rest);
  const [name, reason] = splitFirstWord(behind);
  return name === "" ? undefined : {
    kind: "kick",
    name,
    ...makeOptionalField("channel", channel),
    ...makeOptionalField("reason", reason),
  };
}

function parseBan(rest: string): OperatorInput | undefined {
  const [channel, behind] = splitChannel(rest);
  const [mask, more] = splitFirstWord(behind);
  return mask === ""
    ? undefined
    : { kind: "ban", mask, ...makeOptionalField("channel", channel), ...parseBanTerm(more) };
}

function parseUnban(rest: string): OperatorInput | undefined {
  const [channel, behind] = splitChannel(rest);
  const [mask, more] = splitFirstWord(behind);
  return mask === "" || more !== ""
    ? undefined
    : { kind: "unban", mask, ...makeOptionalField("channel", channel) };
}

function parseBans(rest: string): OperatorInput | undefined {
  const [channel, more] = splitChannel(rest);
  return more === "" ? { kind: "bans", ...makeOptionalField("channel", channel) } : undefined;
}

function parseRankChange(change: RankChange): (rest: string) => OperatorInput | undefined {
  return (rest) => {
    const [channel, behind] = splitChannel(rest);
    const names = splitWords(behind);
    return names.length === 0
      ? undefined
      : { kind: "grant", change, names, ...makeOptionalField("channel", channel) };
  };
}

function parseMode(rest: string): OperatorInput {
  const [channel, behind] = splitChannel(rest);
  return { kind: "mode", changes: splitWords(behind), ...makeOptionalField("channel", channel) };
}

/** A reason only behind both names: in `/rename #dev ops` the second word might be either. */
function parseRename(rest: string): OperatorInput | undefined {
  const [first, behind] = splitFirstWord(rest);
  const [second, reason] = splitFirstWord(behind);
  if (first === "") return undefined;
  if (second === "") return { kind: "rename", to: addChannelPrefix(first) };
  if (!isChannelName(first) || !isChannelName(second)) return undefined;
  return { kind: "rename", channel: first, to: second, ...makeOptionalField("reason", reason) };
}

function parseKill(rest: string): OperatorInput | undefined {
  const [name, reason] = splitFirstWord(rest);
  return name === "" ? undefined : { kind: "kill", name, ...makeOptionalField("reason", reason) };
}

function parseOper(rest: string): OperatorInput | undefined {
  const [name, behind] = splitFirstWord(rest);
  const [password, more] = splitFirstWord(behind);
  return more === ""
    ? { kind: "oper", ...makeOptionalField("name", name), ...makeOptionalField("password", password) }
    : undefined;
}

function parseServerBan(verb: "BAN" | "MUTE"): (rest: string) => OperatorInput | undefined {
  return (rest) => {
    const [mask, more] = splitFirstWord(rest);
    return mask === "" ? undefined : { kind: "sentence", verb, mask, ...parseBanTerm(more) };
  };
}

function parseServerUnban(verb: "UNBAN" | "UNMUTE"): (rest: string) => OperatorInput | undefined {
  return (rest) => {
    const [mask, more] = splitFirstWord(rest);
    return mask === "" || more !== "" ? undefined : { kind: "pardon", verb, mask };
  };
}

/** `[DURATION] [REASON]`. */
function parseBanTerm(text: string): { readonly duration?: string; readonly reason?: string } {
  const [word, rest] = splitFirstWord(text);
  return parseDuration(word) === undefined
    ? makeOptionalField("reason", text)
    : { ...makeOptionalField("duration", word), ...makeOptionalField("reason", rest) };
}
