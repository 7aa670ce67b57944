/** Chat made at random, of lines that mostly mean something. */
import { CAP, CAPABILITIES } from "../../lib/irc/capabilities.ts";
import { writable } from "../../lib/hub/apply/writable.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import type { Random } from "../irc/property.ts";
import type { TestHub } from "../support/hub.ts";

export const NICKS = ["alice", "Bob", "carol", "dave", "eve", "[x]`"];
export const CHANNELS = ["#lobby", "#tea", "#Tea", "#milk", "#süß", "#sugar"];

/** A registration, with capabilities of any kind. */
export function registration(random: Random, nick: string): string[] {
  const caps = CAPABILITIES.filter(({ cap }) => random.chance(cap === CAP.observer ? 6 : 2)).map(({ name }) =>
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
 * Whether `line` may close a channel (`MODE #tea  alice`, a name for modes) or ban a nick (`MODE #tea b alice`): who reads it then
 * depends on which users are connected, and after a start none is.
 */
function mayClose(line: string): boolean {
  return /MODE #\S+ (?: |b)/.test(line);
}

/** `session` says `line`; a channel is renamed as by a server operator, because only owners and these may. */
export function sayLine(test: TestHub, session: Session, line: string): void {
  const { user } = session;
  if (user !== undefined) writable(user).isServerOperator = line.startsWith("RENAME ");
  test.say(session, line);
  if (user !== undefined) writable(user).isServerOperator = false;
}

/** Plays `steps` lines of users in `test`, who register first; `afterStep` is called after each. */
export function playRandomChat(
  test: TestHub,
  random: Random,
  steps: number,
  afterStep: () => void = () => {},
): void {
  const sessions = NICKS.map(() => test.open());
  for (let step = 0; step < steps; step++) {
    const at = random.below(sessions.length);
    if (sessions[at]!.closeReason !== undefined) sessions[at] = test.open();
    const session = sessions[at]!;
    const said = line(random);
    if (session.phase.kind === "registering") {
      test.say(session, ...registration(random, random.pick(NICKS)), "JOIN #tea");
    } else if (!mayClose(said)) sayLine(test, session, said);
    afterStep();
  }
}

export function line(random: Random): string {
  if (random.chance(5)) {
    return `@batch=x PRIVMSG ${random.pick([...CHANNELS, ...NICKS])} :${random.text("ab ", 0, 5)}`;
  }
  const tags = random.chance(3)
    ? `@${random.pick(["label=l", "+x=y", "label=l;+x=y\\s", "+typing=active;label=q"])} `
    : "";
  return tags + command(random);
}

function command(random: Random): string {
  const channel = random.pick(CHANNELS);
  const nick = random.pick(NICKS);
  const target = random.pick([channel, nick, `${channel},${nick}`, `${channel},${random.pick(CHANNELS)}`]);
  const text = random.text("ab ä😀:", 1, 20);
  return random.pick([
    () => `PRIVMSG ${target} :${text}`,
    () => `PRIVMSG ${target} :${text}`,
    () => `NOTICE ${target} :${text}`,
    () => `TAGMSG ${target}`,
    () => `JOIN ${channel},${random.pick(CHANNELS)}`,
    () => `JOIN ${channel}`,
    () => `PART ${channel} :${text}`,
    () => `TOPIC ${channel} :${text}`,
    () => `TOPIC ${channel}`,
    () => `NICK ${nick}`,
    () => `KICK ${channel} ${nick} :${text}`,
    () => `MODE ${channel} ${random.pick(["+o", "-o", "+v", "-v", "b", ""])} ${nick}`,
    () => `INVITE ${nick} ${channel}`,
    () => `AWAY ${random.chance(2) ? "" : `:${text}`}`,
    () => `CAP REQ :${random.pick(["", "-"])}${random.pick(CAPABILITIES).name}`,
    () => `FOLLOW ${random.pick([target, "*"])}`,
    () => `CHATHISTORY LATEST ${random.pick([channel, nick])} * 5`,
    () => `MODE ${nick} ${random.pick(["+B", "-B", "+i", "-i", "+iB", "-o", "+x", ""])}`,
    () => `SETNAME :${text}`,
    () => `MONITOR ${random.pick(["+", "-"])} ${nick},${text},${random.pick(NICKS)}`,
    () => `MONITOR ${random.pick(["C", "L", "S"])}`,
    () => `WHO ${target}`,
    () => `WHO ${random.pick([target, "*", text])} ${random.pick(["o", "%tcuihsnfdlaor,42", `%${text}`])}`,
    () => `WHOIS ${nick}`,
    () => `WHOWAS ${nick} ${random.pick(["", "1", "0"])}`,
    () => `ISON ${nick} ${text}`,
    () => `NAMES ${channel}`,
    () => `LIST`,
    () => `BATCH ${random.pick(["+x draft/multiline " + channel, "-x"])}`,
    () => `BATCH -x`,
    () => `RENAME ${channel} ${random.pick(CHANNELS)}`,
    () => `PRIVMSG ${random.pick(["@", "+"])}${channel} :${text}`,
    () => `LIST ${random.pick([">1", "<2,>0", "C<1", "T>1", `!*${text}*`, "#t*", target])}`,
    () => random.pick(["LUSERS", "STATS u", "TIME", "LINKS *", "HELP", "ISUPPORT", "INVITE"]),
    () => `PING ${nick}`,
    () => random.chance(4) ? `QUIT :${text}` : "JOIN 0",
  ])();
}
