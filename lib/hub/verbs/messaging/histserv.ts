/** HistServ: history for clients that have no other way to request it, by the rules of CHATHISTORY, and its settings. */
import { isChannelName } from "../../../irc/names/name_rules.ts";
import { KEEP_KEY, REPLAY_KEY } from "../../../irc/vendor_extensions.ts";
import type { HubContext, Services } from "../../context.ts";
import { MAX_METADATA_KEYS } from "../../services/metadata.ts";
import { fanOutMetadata } from "../../fanout/metadata_replies.ts";
import { toSafeParam } from "../../output/safe_param.ts";
import { MAX_REPLAY_MESSAGES, parseReplay, replayLimitText } from "../../policy/replay_limit.ts";
import { visibleChannel } from "../../policy/visibility.ts";
import { isChannelOperator, muteRefusal } from "../../policy/channel_access.ts";
import { HISTSERV, sendServiceNotice } from "../../fanout/history/service_notice.ts";
import { parseKeepTime } from "../../../irc/keep_time.ts";
import { isChannel } from "../../model/state/entities.ts";
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
  ["set", runSet],
]);

const SET_REPLAY_USAGE =
  `usage: SET [<room>] REPLAY [<count>|off|default], a count up to ${MAX_REPLAY_MESSAGES}`;
const SET_KEEP_USAGE = "usage: SET <room> KEEP [<time>|default], with a time from 1h, such as 30d";

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
  "SET <room> KEEP <time>|default sets how long its messages are kept (operators)",
  "SET [<room>] REPLAY and SET <room> KEEP show what is set",
];

function sendHistServHelp(context: HubContext, _services: Services, session: Session): void {
  sendHistServNotice(context, session, HELP_LINES.join("\n"));
}

/** A setting, with the metadata key that has its value. */
interface HistServSetting {
  readonly key: string;
  /** Whether it is of channels only, not of users. */
  readonly isOfChannels: boolean;
  /** The value as it is saved; undefined: `text` is not valid. */
  readonly parse: (text: string) => string | undefined;
  /** Notice of what holds for `subject` now. */
  readonly describe: (context: HubContext, services: Services, subject: Channel | User) => string;
}

const SETTINGS: ReadonlyMap<string, HistServSetting> = new Map([
  ["replay", {
    key: REPLAY_KEY,
    isOfChannels: false,
    parse(text) {
      const count = parseReplay(text);
      return count === undefined ? undefined : count === 0 ? "off" : String(count);
    },
    describe(context, services, subject) {
      const where = isChannel(subject) ? subject.name : "rooms that you join";
      return `Replay in ${where}: ${replayLimitText(context, services, subject)}`;
    },
  }],
  ["keep", {
    key: KEEP_KEY,
    isOfChannels: true,
    parse: (text) => parseKeepTime(text) === undefined ? undefined : text,
    describe({ config }, services, subject) {
      const { name } = subject as Channel;
      if (config.hasArchive !== true) return "No effect: this server has no archive of older messages";
      const time = services.metadata.of(subject).get(KEEP_KEY);
      return `Messages in ${name} are kept ${
        time === undefined ? "like those of other rooms" : `for ${time}`
      }`;
    },
  }],
]);

/** `SET [<channel>] REPLAY [<count>|off|default]`, `SET <channel> KEEP [<time>|default]`; without a value it is told. */
function runSet(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  words: readonly string[],
): void {
  const tell = (text: string) => sendHistServNotice(context, session, text);
  const [name, ...rest] = isChannelName(words[0] ?? "") ? words : [undefined, ...words];
  const [what = "", text = "", ...more] = rest;
  const setting = SETTINGS.get(what.toLowerCase());
  if (setting === undefined) return tell(`${SET_REPLAY_USAGE}\n${SET_KEEP_USAGE}`);
  const value = text.toLowerCase() === "default" ? undefined : setting.parse(text.toLowerCase());
  const isValid = value !== undefined || text.toLowerCase() === "default" || text === "";
  if (!isValid || more.length > 0 || setting.isOfChannels && name === undefined) {
    return tell(setting.key === KEEP_KEY ? SET_KEEP_USAGE : SET_REPLAY_USAGE);
  }
  tell(
    text === ""
      ? describeSetting(context, services, session, user, setting, name)
      : changeSetting(context, services, session, user, { setting, name, value }),
  );
}

/** What holds for the channel `name`, if the session may see it, or for `user`. */
function describeSetting(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  setting: HistServSetting,
  name: string | undefined,
): string {
  const subject = name === undefined ? user : visibleChannel(session, context.state.channel(name));
  return subject === undefined
    ? `${toSafeParam(name ?? "")}: there is no such room`
    : setting.describe(context, services, subject);
}

/** Sets `value` for the channel `name`, or for `user`; returns what holds then, or what is wrong. */
function changeSetting(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  { setting, name, value }: { setting: HistServSetting; name: string | undefined; value: string | undefined },
): string {
  const subject = name === undefined ? user : context.state.channel(name);
  if (subject === undefined || subject !== user && !isChannelOperator(user, subject as Channel)) {
    return `${toSafeParam(name ?? "")}: only operators in the room can set this`;
  }
  const muted = muteRefusal(context, user);
  if (muted !== undefined) return muted;
  if (!services.metadata.set(subject, setting.key, value)) {
    return `Too many settings: METADATA holds at most ${MAX_METADATA_KEYS} keys`;
  }
  fanOutMetadata(context, services, subject, setting.key, value, user.source, session);
  return setting.describe(context, services, subject);
}
