/**
 * Renders events for sessions: the one place that knows which tags a session sees. A line is rendered once for each
 * form in use, never once for each receiver.
 */
import { FORM } from "../../irc/capabilities.ts";
import type { Form } from "../../irc/capabilities.ts";
import { utf8Length } from "../../base/bytes.ts";
import { CRLF_BYTES, MAX_LINE_BYTES } from "../../irc/limits.ts";
import { isMultiline, splitMultiline } from "../../irc/multiline.ts";
import { escapeTagValue } from "../../irc/message.ts";
import { SEQ_TAG } from "../../irc/vendor_extensions.ts";
import type { MessageEvent, MessageTarget, RenderableEvent } from "../model/state/event.ts";
import type { RecordPlace } from "../model/identifiers.ts";

/** msgid of the event at `seq` (IRCv3 message-ids): the same for every reader, before and after a restart. */
export function formatMsgid(seq: number, logId: string): string {
  return seq.toString(36) + "-" + logId;
}

/** The sequence number in a msgid of this log; `undefined` for any other text. */
export function parseMsgid(id: string, logId: string): number | undefined {
  const dash = id.indexOf("-");
  if (dash < 1 || id.slice(dash + 1) !== logId) return undefined;
  const seq = parseInt(id.slice(0, dash), 36);
  return Number.isSafeInteger(seq) && seq.toString(36) === id.slice(0, dash) ? seq : undefined;
}

let cachedSecond = -1;
let cachedPrefix = "";

/** `YYYY-MM-DDThh:mm:ss.sssZ` (IRCv3 server-time). */
export function formatTimestamp(time: number): string {
  const second = Math.floor(time / 1000);
  if (second !== cachedSecond) {
    cachedSecond = second;
    cachedPrefix = new Date(second * 1000).toISOString().slice(0, 20);
  }
  const ms = time - second * 1000;
  return cachedPrefix + (ms < 10 ? "00" : ms < 100 ? "0" : "") + ms + "Z";
}

/** The line for `event` in `form`, without CRLF. Messages of several lines are rendered by `multiline.ts`. */
export function render(event: RenderableEvent, place: RecordPlace, form: Form, logId: string): string {
  return renderTags(event, place, form, logId) + renderBody(event) +
    (event.kind === "join" ? extendedJoinSuffix(event.realname, place, form) : "");
}

/** https://ircv3.net/specs/extensions/extended-join: account and real name after the channel. */
function extendedJoinSuffix(realname: string, { account }: RecordPlace, form: Form): string {
  return form & FORM.extendedJoin ? ` ${account || "*"} :${realname}` : "";
}

/** The tags with `@` before and a space after them; "" for none. */
export function renderTags(event: RenderableEvent, place: RecordPlace, form: Form, logId: string): string {
  if (form === 0) return "";
  let tags = renderServerTags(place, form, logId);
  if (form & FORM.messageTags && event.kind === "message" && event.tags !== "") {
    tags += tags === "" ? event.tags : ";" + event.tags;
  }
  return tags === "" ? "" : "@" + tags + " ";
}

/**
 * The tags that the server adds to an event, joined by `;`: time, msgid, sequence number, bot, account; "" for
 * none.
 */
export function renderServerTags(place: RecordPlace, form: Form, logId: string): string {
  let tags = form & FORM.serverTime ? ";time=" + formatTimestamp(place.time) : "";
  if (place.seq > 0) {
    if (form & FORM.messageTags) tags += ";msgid=" + formatMsgid(place.seq, logId);
    if (form & FORM.seq) tags += ";" + SEQ_TAG + "=" + place.seq;
  }
  if (form & FORM.messageTags && place.bot) tags += ";bot";
  if (form & FORM.accountTag && place.account) tags += ";account=" + escapeTagValue(place.account);
  return tags.slice(1);
}

/** The line without its tags and CRLF. */
export function renderBody(event: RenderableEvent): string {
  switch (event.kind) {
    case "message":
      return renderMessageBody(event);
    case "join":
      return `:${event.source} JOIN ${event.channel}`;
    case "part":
      return `:${event.source} PART ${event.channel}` + (event.reason === "" ? "" : ` :${event.reason}`);
    case "quit":
      return `:${event.source} QUIT :${event.reason}`;
    case "nick":
      return `:${event.source} NICK ${event.nick}`;
    case "topic":
      return `:${event.source} TOPIC ${event.channel} :${event.topic}`;
    case "kick":
      return `:${event.source} KICK ${event.channel} ${event.nick} :${event.reason}`;
    case "mode":
      return `:${event.source} MODE ${event.channel} ${event.change}` +
        (event.args === "" ? "" : ` ${event.args}`);
    case "redact":
      return `:${event.source} REDACT ${event.target.name} ${event.msgid}` +
        (event.reason === "" ? "" : ` :${event.reason}`);
    case "rename":
      return `:${event.source} RENAME ${event.channel} ${event.to} :${event.reason}`;
    case "boot":
      return `NOTE * BOOT :Server started, version ${event.version}`;
  }
}

/** The target of a message in wire form. */
export function renderTarget(target: MessageTarget): string {
  return target.kind === "ranks" ? target.prefix + target.name : target.name;
}

function renderMessageBody(event: MessageEvent): string {
  const head = ":" + event.source + " " + event.verb + " " + renderTarget(event.target);
  return event.verb === "TAGMSG" ? head : head + " :" + event.text;
}

/** Whether `event` exceeds a line of 512 bytes in the form that others receive. */
export function exceedsLine(event: RenderableEvent): boolean {
  if (event.kind === "message" && isMultiline(event.text)) {
    return splitMultiline(event.text).some(({ text }) => exceedsLine({ ...event, text }));
  }
  return utf8Length(renderBody(event)) > MAX_LINE_BYTES - CRLF_BYTES;
}
