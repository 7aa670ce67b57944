/** Rows of messages, and what changes in them. Pure. */
import { toPrintableText } from "../../../base/printable_text.ts";
import { MINUTE_MS } from "../../../base/values/time_unit.ts";
import { isSameName } from "../../../irc/names/casemap.ts";
import { makeExcerpt } from "../../../irc/reaction.ts";
import { joinConcatenated } from "../../../irc/multiline.ts";
import type { MessageEntry } from "../../../client/conversation/model/chat_entry.ts";
import { mentionsUser } from "../../../client/conversation/model/mention.ts";
import type { UnsentMessage } from "../../../client/conversation/unsent_message.ts";
import type { MessageRow, Quote, ReactionGroup, Row, SendState } from "../row.ts";

/** Longest time between two messages of one group. */
export const GROUP_MS = 5 * MINUTE_MS;
/** Different reactions to one message; further ones are not shown. */
export const MAX_REACTION_GROUPS = 50;

const SEND_STATES: readonly SendState[] = ["pending", "sent", "durable", "read"];

export function makeMessageRow(
  key: string,
  entry: MessageEntry,
  nick: string,
  replyTo: Quote | undefined,
): MessageRow {
  const { id, seq, time, from, manner, text } = entry;
  const isOwn = isSameName(from, nick);
  return {
    kind: "message",
    key,
    id,
    seq,
    time,
    from,
    manner,
    text,
    isOwn,
    isMention: !isOwn && mentionsUser(entry, nick),
    startsGroup: true,
    sendState: undefined,
    failure: "",
    senderId: undefined,
    replyTo,
    reactions: [],
    isEdited: entry.replaces !== undefined,
    removedBy: undefined,
  };
}

/** The row of a message that we have typed. */
export function makePendingRow(
  key: string,
  { id, target, text, manner, at }: UnsentMessage,
  nick: string,
  replyTo: Quote | undefined,
): MessageRow {
  const entry: MessageEntry = {
    kind: "message",
    id: undefined,
    seq: undefined,
    time: at,
    channel: undefined,
    from: nick,
    to: target,
    manner,
    text: joinConcatenated(text),
  };
  return { ...makeMessageRow(key, entry, nick, replyTo), sendState: "pending", senderId: id };
}

/** Whether `row` has the name of its sender, behind the row `before`. */
export function startsGroup(before: Row | undefined, row: MessageRow): boolean {
  if (before?.kind !== "message" || row.manner !== "said" || before.manner !== "said") return true;
  if (row.replyTo !== undefined || !isSameName(before.from, row.from)) return true;
  return Math.abs(row.time - before.time) > GROUP_MS;
}

/** The quote of `row`, which has or had the id `id`. */
export function quoteRow(id: string, { from, text }: MessageRow): Quote {
  return { id, from, excerpt: makeExcerpt(toPrintableText(text)) };
}

/** The row of our message once the server has it, as `entry`. */
export function settleRow(row: MessageRow, entry: MessageEntry): MessageRow {
  const { id, seq, time, text } = entry;
  return { ...row, id, seq, time, text, sendState: "sent", senderId: undefined, failure: "" };
}

/** The row with the text of a later message in its place. */
export function editRow(row: MessageRow, entry: MessageEntry, nick: string): MessageRow {
  const { id, seq, text, manner } = entry;
  const isMention = !row.isOwn && mentionsUser(entry, nick);
  const sendState = entry.senderId === undefined ? row.sendState : "sent";
  return {
    ...row,
    id,
    seq,
    text,
    manner,
    isMention,
    sendState,
    senderId: undefined,
    failure: "",
    isEdited: true,
    removedBy: undefined,
  };
}

export function removeText(row: MessageRow, by: string): MessageRow {
  return { ...row, text: "", replyTo: undefined, reactions: [], isMention: false, removedBy: by };
}

/** The row with one more reaction, or one less. */
export function reactToRow(
  row: MessageRow,
  { from, text, removed }: { readonly from: string; readonly text: string; readonly removed: boolean },
  nick: string,
): MessageRow {
  const known = row.reactions.find((group) => group.text === text);
  const names = known?.names.filter((name) => !isSameName(name, from)) ?? [];
  if (removed === (names.length === (known?.names.length ?? 0))) return row; // it says nothing new
  if (!removed) names.push(from);
  const group: ReactionGroup = { text, names, isOwn: names.some((name) => isSameName(name, nick)) };
  const reactions = known === undefined
    ? [...row.reactions, group]
    : row.reactions.map((each) => each === known ? group : each);
  const shown = reactions.filter(({ names }) => names.length > 0);
  return shown.length > MAX_REACTION_GROUPS ? row : { ...row, reactions: shown };
}

/** The row once the server has told that it is in the state `state`; the same row if it was known. */
export function advanceSendState(row: MessageRow, state: SendState): MessageRow {
  if (row.sendState === undefined || row.sendState === "failed") return row;
  return SEND_STATES.indexOf(row.sendState) >= SEND_STATES.indexOf(state)
    ? row
    : { ...row, sendState: state };
}
