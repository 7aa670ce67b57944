/** Chat made at random, of lines that mostly mean something. */
import { CAP, CAPABILITIES } from "../../lib/irc/caps.ts";
import type { Session } from "../../lib/hub/state.ts";
import type { Random } from "../irc/property.ts";
import type { TestHub } from "../support/hub.ts";

export const NICKS = ["alice", "Bob", "carol", "dave", "eve", "[x]`"];
export const ROOMS = ["#lobby", "#tea", "#Tea", "#milk", "#süß", "#sugar"];

/** A registration, with capabilities of any kind. */
export function registration(random: Random, nick: string): string[] {
  const caps = CAPABILITIES.filter(({ bit }) => random.chance(bit === CAP.observer ? 6 : 2)).map(({ name }) =>
    name
  );
  const key = random.pick(["A", "B"]).repeat(43);
  return [
    `CAP REQ :${caps.join(" ")}`,
    `CLAIM ${key}`,
    `NICK ${nick}`,
    `USER ${random.pick(["u", "v"])} 0 * :Name`,
    "CAP END",
  ];
}

/**
 * Whether `line` may close a room (`MODE #tea  alice`, a name for modes) or ban a nick (`MODE #tea b alice`): who reads it then
 * depends on which users are connected, and after a start none is.
 */
export function mayClose(line: string): boolean {
  return /MODE #\S+ (?: |b)/.test(line);
}

/** `session` says `line`; a room is renamed as by a server operator, because only owners and these may. */
export function sayLine(test: TestHub, session: Session, line: string): void {
  const { user } = session;
  if (user !== undefined) user.oper = line.startsWith("RENAME ");
  test.say(session, line);
  if (user !== undefined) user.oper = false;
}

export function line(random: Random): string {
  if (random.chance(5)) {
    return `@batch=x PRIVMSG ${random.pick([...ROOMS, ...NICKS])} :${random.text("ab ", 0, 5)}`;
  }
  const tags = random.chance(3)
    ? `@${random.pick(["label=l", "+x=y", "label=l;+x=y\\s", "+typing=active;label=q"])} `
    : "";
  return tags + command(random);
}

function command(random: Random): string {
  const room = random.pick(ROOMS);
  const nick = random.pick(NICKS);
  const target = random.pick([room, nick, `${room},${nick}`, `${room},${random.pick(ROOMS)}`]);
  const text = random.text("ab ä😀:", 1, 20);
  return random.pick([
    () => `PRIVMSG ${target} :${text}`,
    () => `PRIVMSG ${target} :${text}`,
    () => `NOTICE ${target} :${text}`,
    () => `TAGMSG ${target}`,
    () => `JOIN ${room},${random.pick(ROOMS)}`,
    () => `JOIN ${room}`,
    () => `PART ${room} :${text}`,
    () => `TOPIC ${room} :${text}`,
    () => `TOPIC ${room}`,
    () => `NICK ${nick}`,
    () => `KICK ${room} ${nick} :${text}`,
    () => `MODE ${room} ${random.pick(["+o", "-o", "+v", "-v", "b", ""])} ${nick}`,
    () => `INVITE ${nick} ${room}`,
    () => `AWAY ${random.chance(2) ? "" : `:${text}`}`,
    () => `CAP REQ :${random.pick(["", "-"])}${random.pick(CAPABILITIES).name}`,
    () => `FOLLOW ${random.pick([target, "*"])}`,
    () => `CHATHISTORY LATEST ${random.pick([room, nick])} * 5`,
    () => `MODE ${nick} ${random.pick(["+B", "-B", "+i", "-i", "+iB", "-o", "+x", ""])}`,
    () => `SETNAME :${text}`,
    () => `MONITOR ${random.pick(["+", "-"])} ${nick},${text},${random.pick(NICKS)}`,
    () => `MONITOR ${random.pick(["C", "L", "S"])}`,
    () => `WHO ${target}`,
    () => `WHO ${random.pick([target, "*", text])} ${random.pick(["o", "%tcuihsnfdlaor,42", `%${text}`])}`,
    () => `WHOIS ${nick}`,
    () => `WHOWAS ${nick} ${random.pick(["", "1", "0"])}`,
    () => `ISON ${nick} ${text}`,
    () => `NAMES ${room}`,
    () => `LIST`,
    () => `BATCH ${random.pick(["+x draft/multiline " + room, "-x"])}`,
    () => `BATCH -x`,
    () => `RENAME ${room} ${random.pick(ROOMS)}`,
    () => `PRIVMSG ${random.pick(["@", "+"])}${room} :${text}`,
    () => `LIST ${random.pick([">1", "<2,>0", "C<1", "T>1", `!*${text}*`, "#t*", target])}`,
    () => random.pick(["LUSERS", "STATS u", "TIME", "LINKS *", "HELP", "ISUPPORT", "INVITE"]),
    () => `PING ${nick}`,
    () => random.chance(4) ? `QUIT :${text}` : "JOIN 0",
  ])();
}
