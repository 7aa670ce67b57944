/** HistServ: history for clients that have no other way to request it, by the rules of CHATHISTORY, and its settings. */
import { isChannelName } from "../../../irc/names/name_rules.ts";
import { REPLAY_KEY } from "../../../irc/vendor_extensions.ts";
import type { HubContext, Services } from "../../context.ts";
import { MAX_METADATA_KEYS } from "../../services/metadata.ts";
import { fanOutMetadata } from "../../fanout/metadata_replies.ts";
import { toSafeParam } from "../../output/safe_param.ts";
import { MAX_REPLAY_MESSAGES, parseReplay, replayLimitText } from "../../policy/replay_limit.ts";
import { isChannelOperator, muteRefusal } from "../../policy/channel_access.ts";
import { HISTSERV, sendServiceNotice } from "../../fanout/history/service_notice.ts";
import type { Channel, Session, User } from "../../model/state/entities.ts";
import { sendHistory } from "./histserv_history.ts";
import { sendUnreadConversations } from "./histserv_list.ts";

type HistServCommand = (
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  words: readonly string[],
) => void;

const COMMANDS: ReadonlyMap<string, HistServCommand> = new Map([
  ["help", sendHistServHelp],
  ["history", (context, services, session, _user, words) => sendHistory(context, services, session, words)],
  ["list", sendUnreadConversations],
  ["set", setReplayLimit],
]);

const SET_USAGE = `usage: SET [<room>] REPLAY <count>|off|default, with a count up to ${MAX_REPLAY_MESSAGES}`;

function sendHistServNotice(context: HubContext, session: Session, text: string): void {
  sendServiceNotice(context, session, HISTSERV, text);
}

/** Executes what `user` has sent to HistServ: a command, or the arguments of HISTORY alone. */
export function runHistServCommand(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  text: string,
): void {
  const words = text.trim().split(/ +/);
  const command = COMMANDS.get(words[0]!.toLowerCase());
  if (command !== undefined) return command(context, services, session, user, words.slice(1));
  if (words[0] === "" || words.length > 2) return sendHistServHelp(context, services, session);
  sendHistory(context, services, session, words);
}

const HELP_LINES = [
  "[HISTORY] <room>|<nick> [<count>] shows the latest messages",
  "LIST lists your DMs with unread messages",
  "SET REPLAY <count>|off|default limits the messages replayed when you join a room",
  "SET <room> REPLAY <count>|off|default sets the limit for a room (operators only)",
];

function sendHistServHelp(context: HubContext, _services: Services, session: Session): void {
  sendHistServNotice(context, session, HELP_LINES.join("\n"));
}

/** `SET [<channel>] REPLAY <count>|off|default` */
function setReplayLimit(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  words: readonly string[],
): void {
  const [name, ...rest] = isChannelName(words[0] ?? "") ? words : [undefined, ...words];
  const [what = "", value = "", ...more] = rest;
  const count = value.toLowerCase() === "default" ? "default" : parseReplay(value);
  if (what.toLowerCase() !== "replay" || count === undefined || more.length > 0) {
    return sendHistServNotice(context, session, SET_USAGE);
  }
  const subject = name === undefined ? user : context.state.channel(name);
  if (subject === undefined || subject !== user && !isChannelOperator(user, subject as Channel)) {
    return sendHistServNotice(
      context,
      session,
      `${toSafeParam(name ?? "")}: only operators in the room can set this`,
    );
  }
  const muted = muteRefusal(context, user);
  if (muted !== undefined) return sendHistServNotice(context, session, muted);
  const setTo = count === "default" ? undefined : count === 0 ? "off" : String(count);
  if (!services.metadata.set(subject, REPLAY_KEY, setTo)) {
    return sendHistServNotice(
      context,
      session,
      `Too many settings: METADATA holds at most ${MAX_METADATA_KEYS} keys`,
    );
  }
  fanOutMetadata(context, services, subject, REPLAY_KEY, setTo, user.source, session);
  const where = name === undefined ? "rooms that you join" : (subject as Channel).name;
  sendHistServNotice(
    context,
    session,
    `Replay in ${where}: ${replayLimitText(context, services, subject)}`,
  );
}
