import { casefold } from "../../irc/names/casemap.ts";
import type { Message } from "../../irc/message.ts";
import type { RecordedEvent } from "../model/state/event.ts";

/** Index of the parameter with several targets, by verb. */
const TARGETS: Readonly<Record<string, number>> = {
  PRIVMSG: 0,
  NOTICE: 0,
  TAGMSG: 0,
  JOIN: 0,
  PART: 0,
  KICK: 1,
};

/**
 * The line `message` with those of its targets that none of its `records` is for; undefined: there are none left, or
 * a line of this verb is worked on as a whole.
 */
export function remainingLine(
  message: Message | undefined,
  records: readonly RecordedEvent[],
): Message | undefined {
  const at = message && TARGETS[message.command];
  const list = at === undefined ? undefined : message?.params[at];
  if (message === undefined || at === undefined || list === undefined || !list.includes(",")) {
    return undefined;
  }
  const done = new Set(records.map((event) => casefold(targetOf(event))));
  const names = list.split(",");
  const isLeft = names.map((name) => name !== "" && !done.has(casefold(name)));
  if (!isLeft.includes(true)) return undefined;
  const keep = (values: readonly string[]) => values.filter((_, nth) => isLeft[nth] ?? true).join(",");
  const params = [...message.params];
  params[at] = keep(names);
  if (message.command === "JOIN" && params[1] !== undefined) params[1] = keep(params[1].split(","));
  return { ...message, params };
}

function targetOf(event: RecordedEvent): string {
  switch (event.kind) {
    case "message":
      return event.target.name;
    case "kick":
      return event.nick;
    case "join":
    case "part":
      return event.channel;
    default:
      return "";
  }
}
