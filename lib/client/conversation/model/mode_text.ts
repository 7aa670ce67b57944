/** The modes of a channel (modern, "Channel Modes") in words. Pure. */

/** How a mode reads; `{}` stands for its parameter. */
interface ModeWords {
  /** What somebody did: "alice …". */
  readonly on: string;
  readonly off: string;
  /** How the channel is now: "#dev: …". Left out where it is a list or a person's. */
  readonly state?: string;
  /** When it has a parameter; left out: never. */
  readonly takes?: "always" | "on";
}

const MODE_WORDS: Readonly<Record<string, ModeWords>> = {
  o: { on: "made {} an operator", off: "took the operator's rights from {}", takes: "always" },
  h: { on: "made {} half an operator", off: "took the half operator's rights from {}", takes: "always" },
  v: { on: "gave {} a voice", off: "took the voice from {}", takes: "always" },
  b: { on: "banned {}", off: "lifted the ban of {}", takes: "always" },
  e: { on: "exempted {} from bans", off: "no longer exempts {} from bans", takes: "always" },
  I: { on: "invited {} for good", off: "took back the lasting invitation of {}", takes: "always" },
  q: { on: "silenced {}", off: "lets {} speak again", takes: "always" },
  k: {
    on: "gave the room a key",
    off: "took the room's key away",
    state: "a key is needed",
    takes: "always",
  },
  l: {
    on: "set the limit of people to {}",
    off: "lifted the limit of people",
    state: "people: at most {}",
    takes: "on",
  },
  i: {
    on: "closed the room to the uninvited",
    off: "opened the room to the uninvited",
    state: "by invitation only",
  },
  m: {
    on: "left talking to operators and those with a voice",
    off: "lets everybody talk",
    state: "only operators and those with a voice may talk",
  },
  n: {
    on: "closed the room to messages from outside",
    off: "opened the room to messages from outside",
    state: "no messages from outside",
  },
  s: { on: "made the room secret", off: "made the room public", state: "secret" },
  t: {
    on: "left the topic to operators",
    off: "left the topic to everybody",
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

function findModeWords(letter: string): ModeWords | undefined {
  return Object.hasOwn(MODE_WORDS, letter) ? MODE_WORDS[letter] : undefined;
}

/** What MODE's parameters behind the channel say that somebody did: `made bob an operator, gave carol a voice`. */
export function describeModeChange(params: readonly string[]): string {
  return parseModeChanges(params).map(({ sign, letter, param }) => {
    const words = findModeWords(letter);
    if (words === undefined) return `set mode ${sign}${letter}`;
    return fillParam(sign === "+" ? words.on : words.off, param);
  }).join(", ");
}

/** What 324's parameters behind the channel say: `only operators set the topic, at most 20 people`. "": nothing. */
export function describeModeState(params: readonly string[]): string {
  return parseModeChanges(params).map(({ letter, param }) => {
    const words = findModeWords(letter);
    return words?.state === undefined ? `mode +${letter}` : fillParam(words.state, param);
  }).join(", ");
}

function fillParam(words: string, param: string): string {
  return words.split("{}").join(describeMask(param));
}

/** A mask (modern, "Masks") as a person would say it: `bob` for `bob!*@*`. */
export function describeMask(mask: string): string {
  const account = /^~(?:a|account):(.+)$/.exec(mask)?.[1]; // https://ircv3.net/specs/extensions/account-extban
  if (account !== undefined) return `${account} (by account)`;
  const [, nick, user, host] = /^([^!@]+)!([^!@]+)@(.+)$/.exec(mask) ?? [];
  if (user !== "*" || nick === undefined || host === undefined) return mask;
  if (nick === "*") return host === "*" ? "everybody" : `everybody from ${host}`;
  return host === "*" ? nick : `${nick} from ${host}`;
}
