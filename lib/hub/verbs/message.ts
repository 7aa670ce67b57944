/** PRIVMSG, NOTICE, TAGMSG (modern, "Sending Messages"; IRCv3 message-tags). */
import {
  ERR_INPUTTOOLONG,
  ERR_NORECIPIENT,
  ERR_NOSUCHCHANNEL,
  ERR_NOSUCHNICK,
  ERR_NOTEXTTOSEND,
  ERR_TOOMANYTARGETS,
  RPL_AWAY,
} from "../../irc/numerics.ts";
import { CAP } from "../../irc/caps.ts";
import { casefold } from "../../irc/casemap.ts";
import { MAXTARGETS } from "../../irc/limits.ts";
import { formatTags } from "../../irc/message.ts";
import type { Message } from "../../irc/message.ts";
import { isRoomName } from "../../irc/names.ts";
import { isClientOnlyTag } from "../../irc/tags.ts";
import { ID_TAG, isSenderId } from "../../irc/vendor.ts";
import type { MessageEvent, MessageVerb } from "../event.ts";
import type { Hub } from "../hub.ts";
import { toSession } from "../tell.ts";
import { isTooLong, msgid } from "../view.ts";
import { quoted } from "../quote.ts";
import type { Session, User } from "../state.ts";
import type { VerbTable } from "../verb.ts";

/** Client-only tags that say what somebody is doing now: shown, never recorded. */
const FLEETING_TAGS = new Set(["+typing", "+draft/typing"]);

/** Below this many UTF-16 units of source, target and text a line fits 512 bytes whatever they are (3 bytes each). */
const CERTAINLY_FITS_LENGTH = 150;

function say(verb: MessageVerb) {
  return (hub: Hub, session: Session, message: Message, user: User): void => {
    const [targets, text = ""] = message.params;
    // A NOTICE is never answered with an error (RFC 2812 §3.3.2), but for a label, which wants its ACK.
    const refuse = verb === "NOTICE"
      ? () => {}
      : (code: string, rest: string) => hub.numeric(session, code, rest);
    if (targets === undefined || targets === "") {
      return refuse(ERR_NORECIPIENT, `:No recipient given (${verb})`);
    }
    if (text === "" && verb !== "TAGMSG") return refuse(ERR_NOTEXTTOSEND, ":No text to send");
    const tags = clientOnlyTags(message);
    if (verb === "TAGMSG" && (tags === "" || !(session.caps & CAP.messageTags))) return;
    const id = message.tags.size > 0 && session.caps & CAP.receipts ? message.tags.get(ID_TAG) : undefined;
    const event: Draft = { verb, source: user.source, from: user.owner, text, tags, id: id ?? "" };
    if (id !== undefined && verb !== "TAGMSG") return sayOnce(hub, session, targets, event, refuse);
    if (!targets.includes(",")) return sayTo(hub, targets, event, refuse);
    const names = targets.split(",");
    if (names.length > MAXTARGETS) {
      return refuse(ERR_TOOMANYTARGETS, `${quoted(names[MAXTARGETS]!)} :Too many targets`);
    }
    for (const name of new Set(names)) if (name !== "") sayTo(hub, name, event, refuse);
  };
}

type Draft = Pick<MessageEvent, "verb" | "source" | "from" | "text" | "tags" | "id">;
type Refuse = (code: string, rest: string) => void;

/** With an id of the sender's own: what the log holds already is not said again, but acknowledged as it was then. */
function sayOnce(hub: Hub, session: Session, name: string, draft: Draft, refuse: Refuse): void {
  const { verb, from, id, text } = draft;
  if (!isSenderId(id) || name.includes(",")) {
    const why = name.includes(",")
      ? "A message with an id has one target"
      : "An id is 1 to 64 printable ASCII characters";
    return hub.fail(session, verb, "INVALID_ID", "", why);
  }
  const sent = hub.archive.sent(from, id);
  if (sent === undefined) return sayTo(hub, name, draft, refuse);
  const { event } = sent;
  if (event.verb !== verb || event.text !== text || casefold(event.target) !== casefold(name)) {
    const context = `${id} ${msgid(sent.seq, hub.config.logId)}`;
    return hub.fail(session, verb, "ID_IN_USE", context, "The id was used for another message");
  }
  if (session.caps & CAP.echoMessage) toSession(hub, session, event, sent);
}

function sayTo(hub: Hub, name: string, draft: Draft, refuse: Refuse): void {
  const event = isRoomName(name) ? toRoom(hub, name, draft) : toPerson(hub, name, draft);
  if (event === undefined) {
    return isRoomName(name)
      ? refuse(ERR_NOSUCHCHANNEL, `${quoted(name)} :No such channel`)
      : refuse(ERR_NOSUCHNICK, `${quoted(name)} :No such nick`);
  }
  const length = event.source.length + event.target.length + event.text.length;
  if (length > CERTAINLY_FITS_LENGTH && isTooLong(event)) {
    // Others would see it with our source in front: cut off there, it would be lost without a word.
    return refuse(ERR_INPUTTOOLONG, `:Message to ${event.target} is too long to be delivered whole`);
  }
  if (draft.verb === "TAGMSG" && isFleeting(draft.tags)) hub.commit({ kind: "tagmsg", message: event });
  else hub.commit(event);
  const away = event.room ? "" : hub.state.user(event.target)?.away ?? "";
  if (away !== "" && draft.verb === "PRIVMSG") refuse(RPL_AWAY, `${event.target} :${away}`);
}

/**
 * Rooms take messages from outside (there is no +n yet), so that a script can tell a room something without entering it.
 * A room that nobody is in takes them as long as the log remembers it.
 */
function toRoom(hub: Hub, name: string, draft: Draft): MessageEvent | undefined {
  const target = hub.state.room(name)?.name ?? hub.archive.rooms.get(casefold(name))?.name;
  if (target === undefined) return undefined;
  return event(draft, target, true, "");
}

function toPerson(hub: Hub, nick: string, draft: Draft): MessageEvent | undefined {
  const receiver = hub.state.user(nick);
  return receiver && event(draft, receiver.nick, false, receiver.owner);
}

function event(
  { verb, source, from, text, tags, id }: Draft,
  target: string,
  room: boolean,
  to: string,
): MessageEvent {
  return { kind: "message", verb, source, target, room, text, tags, from, to, id };
}

/** The tags that are passed on (message-tags, "Client-only tags"): those with a `+`, in wire form. */
function clientOnlyTags(message: Message): string {
  if (message.tags.size === 0) return "";
  return formatTags(new Map([...message.tags].filter(([key]) => isClientOnlyTag(key))));
}

function isFleeting(tags: string): boolean {
  return tags.split(";").every((tag) => FLEETING_TAGS.has(tag.split("=", 1)[0]!));
}

export const MESSAGE_VERBS: VerbTable = {
  PRIVMSG: { min: 0, who: "user", run: say("PRIVMSG") },
  NOTICE: { min: 0, who: "user", run: say("NOTICE") },
  TAGMSG: { min: 0, who: "user", run: say("TAGMSG") },
};
