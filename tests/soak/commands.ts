/**
 * Lines made at random, of every verb that the server knows: most mean something, some have too few parameters, too many,
 * or nonsense for parameters. What would take all connections down at once (bans of this machine) is not among them.
 */
import { CapSet } from "../../lib/irc/cap_set.ts";
import { CAP, CAPABILITIES } from "../../lib/irc/capabilities.ts";
import { VERBS } from "../../lib/hub/verbs/mod.ts";
import type { Random } from "../irc/property.ts";

export const NICKS = ["anna", "Bela", "carla", "denes", "emil", "fanni", "юлия", "花子", "[x]`", "boss"];
const CHANNELS = ["#lobby", "#tea", "#Tea", "#milk", "#süß", "#sugar", "#чай"];
/** Claim keys, and passwords of accounts. */
export const KEYS = ["A", "B", "C"].map((letter) => letter.repeat(43));

/** The right key of a name, as far as it is up to those who talk here. */
export function keyOf(nick: string): string {
  return KEYS[Array.from(nick).length % KEYS.length]!;
}

/** Answers come in their own time, not before the next line is worked on. */
const ANSWERED_LATER = new Set(["AWAIT"]);
/** What the checks stand on, and is not asked for or given back in the middle. */
const FIXED_CAPS = CapSet.of(
  CAP.messageTags,
  CAP.batch,
  CAP.labeledResponse,
  CAP.observer,
  CAP.eventPlayback,
);

const TEXT = "abc ä😀:,#*!@";
const encoder = new TextEncoder();

export interface RandomLine {
  readonly text: string;
  /** Its answer, where it is labeled, comes before that of the line behind it. */
  readonly answeredInTurn: boolean;
}

export function randomLine(random: Random): RandomLine {
  const verb = random.chance(30) ? random.text("ABCÄ12", 1, 8) : random.pick(COMMON);
  const make = Object.hasOwn(MAKERS, verb) && !random.chance(12) ? MAKERS[verb]! : anything;
  const text = [random.chance(40) ? verb.toLowerCase() : verb, make(random)].join(" ").trimEnd();
  return { text, answeredInTurn: !ANSWERED_LATER.has(verb) };
}

/** Bytes that are no lines of IRC, with the end of a line behind them. */
export function garbage(random: Random): Uint8Array {
  const length = random.pick([1, 3, 40, 600, 5000]);
  const bytes = Uint8Array.from({ length }, () => random.below(256));
  if (random.chance(3)) bytes.set(encoder.encode("@").subarray(0, length));
  return Uint8Array.of(...bytes, 13, 10);
}

/** All verbs, those of talk more often; who would leave does so seldom. */
const COMMON: readonly string[] = [
  ...[...VERBS.keys()].filter((verb) => verb !== "QUIT"),
  ..."PRIVMSG PRIVMSG PRIVMSG PRIVMSG NOTICE JOIN JOIN JOIN PART NICK MODE MODE KICK TOPIC".split(" "),
];

const channel = (random: Random) => random.pick(CHANNELS);
const nick = (random: Random) => random.pick(NICKS);
const target = (random: Random) => random.pick([channel, nick])(random);
const text = (random: Random) => ":" + random.text(TEXT, 0, 40);
const list = (random: Random, one: (random: Random) => string) =>
  Array.from({ length: 1 + random.below(3) }, () => one(random)).join(",");
const duration = (random: Random) => random.pick(["1s", "2s", "0", "x", ""]);
const number = (random: Random) => random.pick(["0", "1", "5", "100", "-1", "1e9", "x", "*"]);
/** Of names only: an address would be everybody's. */
const mask = (random: Random) =>
  random.pick([nick(random), `${nick(random)}!*@*`, `account:${nick(random)}`]);

const MAKERS: Readonly<Record<string, (random: Random) => string>> = {
  PRIVMSG: (random) => `${list(random, target)} ${text(random)}`,
  NOTICE: (random) => `${list(random, target)} ${text(random)}`,
  TAGMSG: (random) => list(random, target),
  JOIN: (random) =>
    random.chance(20) ? "0" : `${list(random, channel)} ${random.pick(["", "key", "key,key"])}`,
  PART: (random) => `${list(random, channel)} ${text(random)}`,
  NICK: nick,
  USER: (random) => `u 0 * ${text(random)}`,
  PASS: (random) => random.pick(KEYS),
  CLAIM: (random) => random.pick(KEYS),
  TOPIC: (random) => `${channel(random)} ${random.chance(2) ? "" : text(random)}`,
  KICK: (random) => `${channel(random)} ${list(random, nick)} ${text(random)}`,
  INVITE: (random) => `${nick(random)} ${channel(random)}`,
  MODE: (random) =>
    random.pick([
      () =>
        `${channel(random)} ${random.pick("+-")}${random.text("bIovklimnst", 1, 4)} ${mask(random)} ${
          number(random)
        }`,
      () => `${channel(random)} ${random.pick("+-")}${random.pick("ov")} ${nick(random)}`,
      () => `${channel(random)} ${random.pick(["b", "I", "", "-biklmnst * key"])}`,
      () => `${nick(random)} ${random.pick(["", "+i", "+o", "-x"])}`,
    ])(),
  AWAY: (random) => random.chance(2) ? "" : text(random),
  CAP: (random) => `${random.pick(["LS", "LS 302", "LIST", "END", "REQ", "REQ", "X"])} ${capList(random)}`,
  FOLLOW: (random) => random.pick([target(random), "*"]),
  CHATHISTORY: (random) =>
    random.pick([
      () => `LATEST ${target(random)} * ${random.below(20)}`,
      () => `${random.pick(["BEFORE", "AFTER", "AROUND"])} ${target(random)} msgid=${number(random)}-x 5`,
      () => `TARGETS timestamp=2026-01-01T00:00:00.000Z timestamp=2099-01-01T00:00:00.000Z ${number(random)}`,
      () => `BETWEEN ${target(random)} * * ${number(random)}`,
    ])(),
  MARKREAD: (random) => `${target(random)} ${random.chance(2) ? "" : "timestamp=2026-01-01T00:00:00.000Z"}`,
  WHO: (random) => random.pick([channel(random), nick(random), "*"]),
  WHOIS: (random) => list(random, nick),
  NAMES: (random) => list(random, channel),
  LIST: (random) => random.pick(["", channel(random), ">1"]),
  AWAIT: (random) => `${random.pick(["durable", "delivered", "read", "x"])} ${number(random)}-x`,
  PING: (random) => random.text("abc", 0, 3),
  REGISTER: (random) => `${random.pick(["*", nick(random)])} * ${random.pick(KEYS)}`,
  UNREGISTER: nick,
  AUTHENTICATE: (random) =>
    random.pick([
      () => random.pick(["PLAIN", "SCRAM-SHA-256", "EXTERNAL", "*", "+"]),
      () => plainResponse(nick(random), random.pick(KEYS)),
      () => encoder.encode(random.text(TEXT, 0, 20)).toBase64(),
      () => "A".repeat(random.pick([400, 401])),
    ])(),
  BAN: (random) => `${mask(random)} ${duration(random)} ${text(random)}`,
  UNBAN: mask,
  MUTE: (random) => `${mask(random)} ${duration(random)} ${text(random)}`,
  UNMUTE: mask,
  KILL: (random) => `${nick(random)} ${text(random)}`,
  OPER: (random) => `${nick(random)} ${random.pick(KEYS)}`,
};

/** SASL PLAIN (RFC 4616), in one piece. */
export function plainResponse(name: string, password: string): string {
  return encoder.encode(`\0${name}\0${password}`).toBase64();
}

/** For a verb that is not known here, or a parameter in the wrong place. */
function anything(random: Random): string {
  const one = () => random.pick([channel, nick, text, number, mask, duration])(random).trim() || "x";
  return Array.from({ length: random.below(5) }, one).join(" ");
}

function capList(random: Random): string {
  const free = CAPABILITIES.filter(({ cap }) => !FIXED_CAPS.has(cap));
  return ":" +
    list(random, (random) => (random.chance(3) ? "-" : "") + random.pick(free).name).replaceAll(",", " ");
}
