/** Channel modes (Modern IRC, "Channel Modes") in words. Pure. */

import { isSameName } from "../../../irc/names/casemap.ts";

/** Words for a mode; `{}` stands for its parameter. */
interface ModeWords {
  /** The change, behind the name of the user that made it: "alice …". */
  readonly on: string;
  readonly off: string;
  /** The state of the channel: "#dev: …". Left out for lists and modes of members. */
  readonly state?: string;
  /** When the mode has a parameter; left out: never. */
  readonly takes?: "always" | "on";
}

const MODE_WORDS: Readonly<Record<string, ModeWords>> = {
  o: { on: "made {} an operator", off: "removed operator status from {}", takes: "always" },
  h: { on: "made {} a half-operator", off: "removed half-operator status from {}", takes: "always" },
  v: { on: "gave voice to {}", off: "removed voice from {}", takes: "always" },
  b: { on: "banned {}", off: "lifted the ban of {}", takes: "always" },
  e: { on: "exempted {} from bans", off: "no longer exempts {} from bans", takes: "always" },
  I: { on: "permanently invited {}", off: "removed the permanent invitation of {}", takes: "always" },
  q: { on: "muted {}", off: "unmuted {}", takes: "always" },
  k: {
    on: "set a key for the room",
    off: "removed the key of the room",
    state: "a key is needed",
    takes: "always",
  },
  l: {
    on: "set the limit of the room to {}",
    off: "removed the limit of the room",
    state: "limit of people: {}",
    takes: "on",
  },
  i: {
    on: "made the room invite-only",
    off: "opened the room to users without invitation",
    state: "by invitation only",
  },
  m: {
    on: "moderated the room: only operators and people with voice may speak",
    off: "ended the moderation of the room",
    state: "only operators and people with voice may speak",
  },
  n: {
    on: "blocked messages from outside",
    off: "allowed messages from outside",
    state: "no messages from outside",
  },
  s: { on: "made the room secret", off: "made the room public", state: "secret" },
  t: {
    on: "restricted the topic to operators",
    off: "opened the topic to all people in the room",
    state: "only operators set the topic",
  },
};

interface DescribedMode {
  readonly sign: "+" | "-";
  readonly letter: string;
  /** "" where it has none. */
  readonly param: string;
}

/** `+o-v alice bob` and the like, change by change. */
function parseModeChanges([modes = "", ...params]: readonly string[]): DescribedMode[] {
  const changes: DescribedMode[] = [];
  let sign: DescribedMode["sign"] = "+";
  for (const letter of modes) {
    if (letter === "+" || letter === "-") {
      sign = letter;
      continue;
    }
    if (!/[A-Za-z]/.test(letter)) continue;
    const takes = findModeWords(letter)?.takes;
    const param = takes === "always" || takes === "on" && sign === "+" ? params.shift() ?? "" : "";
    changes.push({ sign, letter, param });
  }
  return changes;
}

/**
 * Whether `params`, those of MODE behind the channel, ban the user or the account `nick` by its name; undefined: they
 * change no such ban.
 */
export function parseBanOf(nick: string, params: readonly string[]): boolean | undefined {
  const masks = [`${nick}!*@*`, `~account:${nick}`, `~a:${nick}`];
  const change = parseModeChanges(params).findLast(({ letter, param }) =>
    letter === "b" && masks.some((mask) => isSameName(mask, param))
  );
  return change && change.sign === "+";
}

function findModeWords(letter: string): ModeWords | undefined {
  return Object.hasOwn(MODE_WORDS, letter) ? MODE_WORDS[letter] : undefined;
}

/** The changes in the parameters of MODE behind the channel: `made bob an operator, gave voice to carol`. */
export function describeModeChange(params: readonly string[]): string {
  return parseModeChanges(params).map(({ sign, letter, param }) => {
    const words = findModeWords(letter);
    if (words === undefined) return `set mode ${sign}${letter}`;
    return fillParam(sign === "+" ? words.on : words.off, param);
  }).join(", ");
}

/**
 * The modes in the parameters of 324 behind the channel: `only operators set the topic, limit of people: 20`;
 * "": none.
 */
export function describeModeState(params: readonly string[]): string {
  return parseModeChanges(params).map(({ letter, param }) => {
    const words = findModeWords(letter);
    return words?.state === undefined ? `mode +${letter}` : fillParam(words.state, param);
  }).join(", ");
}

function fillParam(words: string, param: string): string {
  return words.split("{}").join(describeMask(param));
}

/** A mask (Modern IRC, "Masks") in words: `bob` for `bob!*@*`. */
export function describeMask(mask: string): string {
  const account = /^~(?:a|account):(.+)$/.exec(mask)?.[1]; // https://ircv3.net/specs/extensions/account-extban
  if (account !== undefined) return `${account} (by account)`;
  const [, nick, user, host] = /^([^!@]+)!([^!@]+)@(.+)$/.exec(mask) ?? [];
  if (user !== "*" || nick === undefined || host === undefined) return mask;
  if (nick === "*") return host === "*" ? "all users" : `all users from ${host}`;
  return host === "*" ? nick : `${nick} from ${host}`;
}
