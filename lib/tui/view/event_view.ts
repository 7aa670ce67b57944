/** The lines of what happens around messages, without their time: people, changes of a channel, reactions. Pure. */
import { unreachable } from "../../base/assert.ts";
import { toPrintable, toPrintableText } from "../../base/printable_text.ts";
import { isSameName } from "../../irc/names/casemap.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";
import type { ChatEntry } from "../../client/conversation/model/chat_entry.ts";
import type { LocalTime } from "../../client/conversation/model/local_time.ts";
import { explainDeparture } from "./departure_text.ts";
import { isCurrent, makeChannel, makeDim, makeName, renderReason } from "./spans.ts";
import type { RenderContext } from "./spans.ts";
import type { StyledSpan } from "./styled_line.ts";

/** JOIN, PART, QUIT and NICK of a user. */
export function renderPresence(
  entry: ChatEntry & { kind: "joined" | "left" | "quit" | "renamed" },
): StyledSpan[] {
  switch (entry.kind) {
    case "joined":
      return [makeDim("--> "), makeName(entry.nick), makeDim(" joined "), makeChannel(entry.channel)];
    case "left":
      return [
        makeDim("<-- "),
        makeName(entry.nick),
        makeDim(" left "),
        makeChannel(entry.channel),
        ...renderReason(explainDeparture(entry.reason, entry.nick).reason),
      ];
    case "quit": {
      const { isLost, reason } = explainDeparture(entry.reason, entry.nick);
      const what = isLost ? " lost the connection" : " quit";
      return [makeDim("<-- "), makeName(entry.nick), makeDim(what), ...renderReason(reason)];
    }
    case "renamed":
      return [makeDim("--- "), makeName(entry.from), makeDim(" is now known as "), makeName(entry.to)];
    default:
      return unreachable(entry);
  }
}

export function renderRemoval({ nick, channel, by, reason }: ChatEntry & { kind: "kicked" }): StyledSpan[] {
  return [
    makeDim("<-- "),
    makeName(nick),
    makeDim(" was removed from "),
    makeChannel(channel),
    makeDim(" by "),
    makeName(by),
    ...isSameName(reason, by) ? [] : renderReason(reason), // some servers put the nick of the operator there
  ];
}

/** The reader was removed from a channel: shown as an alarm, because it must not be missed. */
export function renderOwnRemoval(
  { channel, by, reason, isBanned }: ChatEntry & { kind: "kicked" },
): StyledSpan[] {
  const why = reason === "" || isSameName(reason, by) ? "" : ` (${reason})`;
  const text = isBanned
    ? `you are banned from ${channel} by ${by}${why}`
    : `you were removed from ${channel} by ${by}${why}; to enter it again: /join ${channel}`;
  return [{ text: `!!! ${toPrintable(text)}`, style: "alarm" }];
}

/** A change of a channel, without the user that made it. */
export function renderChannelChange(
  entry: ChatEntry & { kind: "mode" | "invited" | "topic" | "room_renamed" },
): StyledSpan[] {
  switch (entry.kind) {
    case "mode":
      return [
        { text: ` ${toPrintable(entry.text)}` },
        makeDim(" ("),
        makeChannel(entry.channel),
        makeDim(")"),
      ];
    case "invited":
      return [
        { text: " invites you to " },
        makeChannel(entry.channel),
        { text: `: /join ${toPrintable(entry.channel)}` },
      ];
    case "topic":
      if (entry.text === "") return [makeDim(" removed the topic of "), makeChannel(entry.channel)];
      return [makeDim(" set the topic of "), makeChannel(entry.channel), makeDim(": "), {
        text: toPrintableText(entry.text),
      }];
    case "room_renamed":
      return [
        makeDim(" renamed "),
        makeChannel(entry.from),
        makeDim(" to "),
        makeChannel(entry.to),
        ...renderReason(entry.reason),
      ];
    default:
      return unreachable(entry);
  }
}

/** `nth`: counted back among the messages of its sender that were shown; undefined: it is not known. */
export function renderRedaction(
  entry: ChatEntry & { kind: "redacted" },
  reader: RenderContext,
  local: LocalTime,
  nth?: number,
): StyledSpan[] {
  const { by, of, at, target, excerpt } = entry;
  const elsewhere = isChannelName(target) && !isCurrent(target, reader);
  const ofOther = of === undefined || isSameName(of, by) ? [] : [makeDim(" of "), makeName(of)];
  const isKnown = of !== undefined && at !== undefined && nth !== undefined;
  const which = isKnown ? `${ofOther.length > 0 ? "the" : "their"} ${formatNthLast(nth)}` : "a";
  return [
    makeDim("--- "),
    makeName(by),
    makeDim(` removed ${which} message`),
    ...ofOther,
    ...at === undefined ? [] : [makeDim(isKnown ? ` (${local.clock(at)})` : ` sent at ${local.clock(at)}`)],
    ...elsewhere ? [makeDim(" in "), makeChannel(target)] : [],
    // Shown once more to the person that has removed it only.
    ...excerpt !== undefined && isSameName(by, reader.nick)
      ? [makeDim(`: «${toPrintableText(excerpt)}»`)]
      : [],
    ...renderReason(entry.reason),
  ];
}

/** `last`, `2nd last`. */
function formatNthLast(nth: number): string {
  if (nth === 1) return "last";
  const isTeen = nth % 100 > 10 && nth % 100 < 20;
  return `${nth}${(isTeen ? undefined : ["th", "st", "nd", "rd"][nth % 10]) ?? "th"} last`;
}

export function renderReaction(entry: ChatEntry & { kind: "reaction" }, reader: RenderContext): StyledSpan[] {
  const { channel, from, text, removed, of, excerpt } = entry;
  const elsewhere = channel !== undefined && !isCurrent(channel, reader);
  return [
    makeDim("--- "),
    makeName(from),
    makeDim(removed ? " removed the reaction " : " reacted "),
    { text: toPrintable(text) },
    makeDim(" to "),
    ...of === undefined
      ? [makeDim("an earlier message")]
      : [makeName(of), makeDim(`: «${toPrintableText(excerpt ?? "")}»`)],
    ...elsewhere ? [makeDim(" in "), makeChannel(channel)] : [],
  ];
}
