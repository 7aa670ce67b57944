/** PRIVMSG, NOTICE, TAGMSG (modern, "Sending Messages"; IRCv3 message-tags). */
import {
  ERR_CANNOTSENDTOCHAN,
  ERR_CANTSENDTOUSER,
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
import { piecesOf } from "../../irc/multiline.ts";
import { isRoomName } from "../../irc/names.ts";
import { isClientOnlyTag } from "../../irc/tags.ts";
import { ID_TAG, isSenderId, ONLINE_TAG, QUEUED, TAGS_NOT_RECORDED } from "../../irc/vendor.ts";
import { MAX_RECORDED_TAGS_BYTES } from "../config.ts";
import type { MessageEvent, MessageVerb } from "../event.ts";
import { recordsTags } from "../event_codec.ts";
import type { Hub } from "../hub.ts";
import { toSession } from "../tell.ts";
import { isTooLong, msgid } from "../view.ts";
import type { Steps } from "../pieces.ts";
import { quoted } from "../quote.ts";
import { maySee, whyMuted, whySilent } from "../room_access.ts";
import { unitsOfMasks } from "../room_settings.ts";
import type { Session, User } from "../state.ts";
import { isService, serve } from "./services.ts";
import type { VerbTable } from "../verb.ts";

/** Client-only tags that say what somebody is doing now: shown, never recorded. */
const FLEETING_TAGS = new Set(["+typing", "+draft/typing"]);

/** Below this many UTF-16 units of source, target and text a line fits 512 bytes whatever they are (3 bytes each). */
const CERTAINLY_FITS_LENGTH = 150;

/** Units (pieces.ts) of a message to one target of several. */
const MESSAGE_UNITS = 10;

function say(verb: MessageVerb) {
  return (hub: Hub, session: Session, message: Message, user: User): void => {
    const [targets = "", text = ""] = message.params;
    speak(hub, session, user, verb, targets, text, message);
  };
}

/** Says `text` (of one line, or as in `irc/multiline.ts`) to `targets`, with the tags of `message`. */
export function speak(
  hub: Hub,
  session: Session,
  user: User,
  verb: MessageVerb,
  targets: string,
  text: string,
  message: Message,
): void {
  if (targets === "") return refuse(hub, session, verb, ERR_NORECIPIENT, `:No recipient given (${verb})`);
  if (text === "" && verb !== "TAGMSG") {
    return refuse(hub, session, verb, ERR_NOTEXTTOSEND, ":No text to send");
  }
  const tags = clientOnlyTags(message);
  if (verb === "TAGMSG" && (tags === "" || !(session.caps & CAP.messageTags))) return;
  const ours = message.tags.size > 0 && (session.caps & CAP.receipts) !== 0;
  const id = ours ? message.tags.get(ID_TAG) : undefined;
  // Who is doing something now does it for those who are here.
  const waits = verb !== "TAGMSG" && !(ours && message.tags.has(ONLINE_TAG));
  const event: Draft = { verb, source: user.source, from: user.owner, text, tags, id: id ?? "", waits };
  if (id !== undefined && verb !== "TAGMSG") return sayOnce(hub, session, user, targets, event);
  if (!targets.includes(",")) return sayTo(hub, session, user, targets, event);
  const names = targets.split(",");
  if (names.length > MAXTARGETS) {
    return refuse(hub, session, verb, ERR_TOOMANYTARGETS, `${quoted(names[MAXTARGETS]!)} :Too many targets`);
  }
  const distinct = new Map(names.map((name) => [casefold(name), name]));
  hub.later(sayToEach(hub, session, user, [...distinct.values()], event));
}

/** All of it is said, also where the connection breaks meanwhile (closing.ts): the server has taken the line. */
function* sayToEach(hub: Hub, session: Session, user: User, names: string[], draft: Draft): Steps {
  for (const name of names) {
    if (hub.state.users.get(user.folded) !== user) return; // it has been made to go
    if (name === "") continue;
    const room = hub.state.room(name);
    const unjudged = room?.target.settings?.isUnjudged(user) ? unitsOfMasks(room.target) : 0;
    sayTo(hub, session, user, name, { ...draft, source: user.source });
    yield MESSAGE_UNITS + unjudged;
  }
}

type Draft = Pick<MessageEvent, "verb" | "source" | "from" | "text" | "tags" | "id"> & {
  /** It may wait for a receiver who is not here. */
  readonly waits: boolean;
};

/** A NOTICE is never answered with an error (RFC 2812 §3.3.2), but for a label, which wants its ACK. */
function refuse(hub: Hub, session: Session, verb: MessageVerb, code: string, rest: string): void {
  if (verb !== "NOTICE") hub.numeric(session, code, rest);
}

/** With an id of the sender's own: what the log holds already is not said again, but acknowledged as it was then. */
function sayOnce(hub: Hub, session: Session, user: User, name: string, draft: Draft): void {
  const { verb, from, id, text } = draft;
  if (!isSenderId(id) || name.includes(",") || isStatusTarget(name)) {
    const why = name.includes(",")
      ? "A message with an id has one target"
      : isStatusTarget(name)
      ? "What is for some of a room only is not kept, and so has no id"
      : "An id is 1 to 64 printable ASCII characters";
    return hub.fail(session, verb, "INVALID_ID", "", why);
  }
  const sent = hub.archive.sent(from, id);
  if (sent === undefined) return sayTo(hub, session, user, name, draft);
  const { event } = sent;
  if (event.verb !== verb || event.text !== text || casefold(event.target) !== casefold(name)) {
    const about = `${id} ${msgid(sent.seq, hub.config.logId)}`;
    return hub.fail(session, verb, "ID_IN_USE", about, "The id was used for another message");
  }
  if (session.caps & CAP.echoMessage) toSession(hub, session, event, sent);
  const isHere = (hub.state.user(event.target)?.sessions.length ?? 0) > 0;
  if (!isHere && hub.accounts.of(event.to) !== undefined) sayQueued(hub, session, event);
}

function sayTo(hub: Hub, session: Session, user: User, name: string, draft: Draft): void {
  if (isService(name)) return toService(hub, session, user, name, draft);
  const isRoom = isRoomName(name) || isStatusTarget(name);
  const event = mayNotSpeak(hub, session, user, name, draft)
    ? "refused"
    : isRoom
    ? toRoom(hub, session, user, name, draft)
    : toPerson(hub, name, draft);
  if (event === "refused") return;
  if (event === undefined) {
    return isRoom
      ? refuse(hub, session, draft.verb, ERR_NOSUCHCHANNEL, `${quoted(name)} :No such channel`)
      : refuse(hub, session, draft.verb, ERR_NOSUCHNICK, `${quoted(name)} :No such nick`);
  }
  const length = event.source.length + event.target.length + event.text.length;
  if (length > CERTAINLY_FITS_LENGTH && isTooLong(event)) {
    // Others would see it with our source in front: cut off there, it would be lost without a word.
    const why = `:Message to ${event.target} is too long to be delivered whole`;
    return refuse(hub, session, draft.verb, ERR_INPUTTOOLONG, why);
  }
  // History is for all who may read it: what is for the operators of a room is not recorded.
  const isKept = recordsTags(draft.tags);
  const passes = draft.verb === "TAGMSG" && (!isKept || isFleeting(draft.tags)) ||
    isStatusTarget(event.target);
  const { seq } = hub.commit(passes ? { kind: "passing", message: event } : event);
  if (!isKept) sayTagsNotRecorded(hub, session, event);
  if (event.room || draft.verb === "TAGMSG") return;
  hub.waiting.received(hub, event, seq);
  const receiver = hub.state.user(event.target);
  if (receiver === undefined || receiver.sessions.length === 0) return sayQueued(hub, session, event);
  if (receiver.away !== "" && draft.verb === "PRIVMSG") {
    hub.numeric(session, RPL_AWAY, `${event.target} :${receiver.away}`);
  }
}

/**
 * A service reads the first line. Nothing of it is recorded, and only the session that has said it sees it again: the user's other
 * sessions have no use for a password in it.
 */
function toService(hub: Hub, session: Session, user: User, name: string, draft: Draft): void {
  const { text } = piecesOf(draft.text)[0]!;
  if (session.caps & CAP.echoMessage) {
    const account = user.account?.name ?? "";
    const place = { seq: 0, time: hub.now, account, bot: hub.state.bots.has(user) };
    toSession(hub, session, event({ ...draft, text }, name, false, ""), place);
  }
  if (draft.verb === "PRIVMSG") serve(hub, session, user, name, text);
}

/** Where nobody is there to get a direct message, says that it waits. */
function sayQueued(hub: Hub, session: Session, { verb, target, to }: MessageEvent): void {
  if (hub.accounts.of(to)?.users.some(({ sessions }) => sessions.length > 0)) return;
  const words = `${target} is not here, and gets it when they come`;
  if (!(session.caps & CAP.receipts)) return refuse(hub, session, verb, RPL_AWAY, `${target} :${words}`);
  hub.tell(session, `:${hub.config.serverName} NOTE ${verb} ${QUEUED} ${target} :${words}`);
}

/** Tags are delivered whole and history does not have them; what is not recorded at all, such as `+typing`, never does. */
function sayTagsNotRecorded(hub: Hub, session: Session, { verb, target, tags }: MessageEvent): void {
  if (isStatusTarget(target) || verb === "TAGMSG" && isFleeting(tags)) return;
  const words =
    `Delivered, but history leaves out client-only tags of more than ${MAX_RECORDED_TAGS_BYTES} bytes`;
  hub.tell(session, `:${hub.config.serverName} NOTE ${verb} ${TAGS_NOT_RECORDED} ${target} :${words}`);
}

/** True where `user` is muted, which has been said. */
function mayNotSpeak(hub: Hub, session: Session, user: User, name: string, draft: Draft): boolean {
  if (user.muted === undefined) return false;
  const why = whyMuted(hub, user);
  if (why === undefined) return false;
  if (!isFleeting(draft.tags)) {
    const code = isRoomName(name) || isStatusTarget(name) ? ERR_CANNOTSENDTOCHAN : ERR_CANTSENDTOUSER;
    refuse(hub, session, draft.verb, code, `${quoted(name)} :${why}`);
  }
  return true;
}

/**
 * Rooms take messages from outside, unless they are +n, so that a script can tell a room something without entering it.
 * A room that nobody is in takes them as long as the log remembers it.
 */
function toRoom(
  hub: Hub,
  session: Session,
  user: User,
  name: string,
  draft: Draft,
): MessageEvent | "refused" | undefined {
  const prefix = isStatusTarget(name) ? name.charAt(0) : "";
  if (prefix !== "") name = name.slice(1);
  const room = hub.state.room(name);
  const target = room?.target ?? hub.archive.rooms.get(casefold(name));
  if (target === undefined || !maySee(session, target, room)) return undefined;
  const silent = whySilent(user, target, room);
  if (silent === undefined) return event(draft, prefix + (room?.name ?? target.name), true, "");
  if (!isFleeting(draft.tags)) {
    refuse(hub, session, draft.verb, ERR_CANNOTSENDTOCHAN, `${target.name} :${silent}`);
  }
  return "refused";
}

/** Who has the nick, be it that his connection has just broken; else whose it is, for whom the message waits unless he is here. */
function toPerson(hub: Hub, nick: string, draft: Draft): MessageEvent | undefined {
  const receiver = hub.state.user(nick);
  if (receiver !== undefined && (receiver.sessions.length > 0 || draft.waits || draft.verb === "TAGMSG")) {
    return event(draft, receiver.nick, false, receiver.owner);
  }
  const account = hub.config.accounts === "off" ? undefined : hub.accounts.get(nick);
  if (account === undefined || draft.verb === "TAGMSG") return undefined;
  const here = account.users.some(({ sessions }) => sessions.length > 0);
  return here || draft.waits ? event(draft, account.name, false, account.owner) : undefined;
}

function event(
  { verb, source, from, text, tags, id }: Draft,
  target: string,
  room: boolean,
  to: string,
): MessageEvent {
  return { kind: "message", verb, source, target, room, text, tags, from, to, id };
}

/** Whether others get `text` whole, in one line. */
export function fitsLine(source: string, verb: MessageVerb, target: string, text: string): boolean {
  const message = { verb, source, from: "", text, tags: "", id: "", waits: false };
  return source.length + target.length + text.length <= CERTAINLY_FITS_LENGTH ||
    !isTooLong(event(message, target, false, ""));
}

/** `@#room`, `+#room` (ISUPPORT STATUSMSG): to its operators; to those with a voice, too. */
function isStatusTarget(name: string): boolean {
  return (name.charCodeAt(0) === 0x40 || name.charCodeAt(0) === 0x2b) && isRoomName(name.slice(1));
}

/** The tags that are passed on (message-tags, "Client-only tags"): those with a `+`, in wire form. */
export function clientOnlyTags(message: Message): string {
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
