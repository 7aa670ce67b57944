/** The tool `who`: the people in a room, or online. */
import { z } from "zod";
import { toPrintable } from "../../../lib/base/printable_text.ts";
import { describeFailure, findFailureReply } from "../../../lib/client/session/failure_reply.ts";
import { casefold } from "../../../lib/irc/names/casemap.ts";
import { isChannelName } from "../../../lib/irc/names/name_rules.ts";
import type { Message } from "../../../lib/irc/message.ts";
import { RPL_WHOREPLY, RPL_WHOSPCRPL } from "../../../lib/irc/numerics.ts";
import type { Agent, ToolAnswer } from "../agent.ts";
import { cleanName } from "../message_data.ts";
import { ToolRefusal } from "../tool_refusal.ts";
import { MAX_NAME_LENGTH } from "./schemas.ts";

/** Most people of one call. */
export const MAX_LISTED_PEOPLE = 200;
/** The flag of WHO for a user who is away: *gone*. */
const AWAY_FLAG = "G";
/** Of WHOX (https://ircv3.net/specs/extensions/whox): nick, flags and account. */
const WHOX_FIELDS = "%nfa";
/** The account of a user who has none. */
const NO_ACCOUNT = "0";

export const whoInput = z.object({
  room: z.string().max(MAX_NAME_LENGTH).optional().describe(
    "a room that is allowed; left out: everyone that the server shows",
  ),
});

export const whoOutput = z.object({
  room: z.string().nullable(),
  people: z.array(z.object({
    name: z.string(),
    account: z.string().nullable().optional().describe(
      "the registered account; null: none, so anyone may have taken the name; left out: the server does not tell",
    ),
    away: z.boolean(),
    bot: z.boolean(),
    operator: z.boolean().describe("an operator of the room"),
    is_you: z.boolean(),
    can_be_written_to: z.boolean().describe("say and ask reach them directly"),
  })),
  total: z.number(),
});

export async function who(agent: Agent, { room }: z.infer<typeof whoInput>): Promise<ToolAnswer> {
  const target = room === undefined ? undefined : requireRoom(agent, room);
  const link = target === undefined
    ? await agent.connection.require()
    : await agent.connection.requireFor(target);
  const fields = link.session.isupport.has("WHOX") ? [WHOX_FIELDS] : [];
  const answer = await link.request({ command: "WHO", params: [target ?? "*", ...fields] });
  if (answer.kind !== "answered") throw new ToolRefusal("the server did not answer in time; try again");
  const failure = findFailureReply(answer.lines);
  if (failure !== undefined) throw new ToolRefusal(toPrintable(describeFailure(failure)));
  const bot = link.session.isupport.get("BOT") || undefined;
  const people = parsePeople(answer.lines, bot, target !== undefined, link.nick, agent);
  const listed = people.slice(0, MAX_LISTED_PEOPLE);
  const words = listed.map(describePerson);
  const more = people.length > listed.length ? `, and ${people.length - listed.length} more` : "";
  const text = `${target === undefined ? "online" : `in ${target}`}: ${words.join(", ") || "no one"}${more}`;
  return { text, data: { room: target ?? null, people: listed, total: people.length } };
}

function describePerson({ name, account, away, bot, operator, is_you: isYou }: ListedPerson): string {
  const proof = account === undefined || account === name
    ? undefined
    : account === null
    ? "no account"
    : `account ${account}`;
  const marks = [proof, bot && "bot", away && "away", operator && "operator", isYou && "you"];
  return `${name}${marks.filter(Boolean).map((each) => ` (${each})`).join("")}`;
}

function requireRoom({ allowed }: Agent, room: string): string {
  if (!isChannelName(room)) {
    throw new ToolRefusal(`room: ${JSON.stringify(room)} is none; a room begins with #`);
  }
  return allowed.require(room);
}

interface ListedPerson {
  name: string;
  account?: string | null;
  away: boolean;
  bot: boolean;
  operator: boolean;
  is_you: boolean;
  can_be_written_to: boolean;
}

function parsePeople(
  lines: readonly Message[],
  bot: string | undefined,
  inRoom: boolean,
  me: string,
  { allowed }: Agent,
): ListedPerson[] {
  const people = new Map<string, ListedPerson>();
  for (const { command, params } of lines) {
    // 352: <client> <channel> <username> <host> <server> <nick> <flags> …; 354: <client> <nick> <flags> <account>
    const isExtended = command === RPL_WHOSPCRPL;
    if (command !== RPL_WHOREPLY && !isExtended) continue;
    const [nick, flags = "", account = NO_ACCOUNT] = params.slice(isExtended ? 1 : 5);
    if (nick === undefined) continue;
    people.set(casefold(nick), {
      name: cleanName(nick),
      ...isExtended && { account: account === NO_ACCOUNT ? null : cleanName(account) },
      away: flags.startsWith(AWAY_FLAG),
      bot: bot !== undefined && flags.slice(1).includes(bot),
      operator: inRoom && /[~&@]/.test(flags),
      is_you: casefold(nick) === casefold(me),
      can_be_written_to: allowed.isAllowed(nick),
    });
  }
  return [...people.values()].sort((a, b) => a.name.localeCompare(b.name));
}
