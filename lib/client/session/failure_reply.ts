/**
 * Failure replies: the lines by which a server says that a request was not carried out, and what they say to
 * people.
 */
import type { Message } from "../../irc/message.ts";
import {
  ERR_BADCHANNELKEY,
  ERR_BANNEDFROMCHAN,
  ERR_CANNOTSENDTOCHAN,
  ERR_CHANNELISFULL,
  ERR_CHANOPRIVSNEEDED,
  ERR_INVITEONLYCHAN,
  ERR_NEEDREGGEDNICK,
  ERR_NICKNAMEINUSE,
  ERR_NOOPERHOST,
  ERR_NOPRIVILEGES,
  ERR_NOPRIVS,
  ERR_NOSUCHCHANNEL,
  ERR_NOSUCHNICK,
  ERR_NOTONCHANNEL,
  ERR_UNKNOWNCOMMAND,
  ERR_UNKNOWNMODE,
  ERR_USERNOTINCHANNEL,
  ERR_USERONCHANNEL,
  ERR_YOUREBANNEDCREEP,
} from "../../irc/numerics.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";

/** Failures above 599: STARTTLS, modes, KNOCK, operator privileges, MONITOR, accounts. */
const HIGH_FAILURES = /^(?:691|69[678]|71[234]|723|734|90[24567])$/;

/**
 * Whether `message` is a FAIL (https://ircv3.net/specs/extensions/standard-replies) or a numeric that reports
 * a failure.
 */
export function isFailureReply({ command }: Message): boolean {
  return command === "FAIL" || /^[45]\d\d$/.test(command) || HIGH_FAILURES.test(command);
}

/** The first failure in a response. */
export function findFailureReply(lines: readonly Message[]): Message | undefined {
  return lines.find(isFailureReply);
}

/** The server's own words: the last parameter. */
export function replyText(message: Message): string {
  return message.params.at(-1) ?? message.command;
}

/**
 * The failure as a sentence: ours, where there is one for it; otherwise what it is about, and the server's
 * words.
 */
export function describeFailure(message: Message): string {
  const context = contextOf(message);
  const words = replyText(message);
  return describeKnownFailure(message) ?? (context.length === 0 ? words : `${context.join(" ")}: ${words}`);
}

/** The same behind a text that names what it is about; without a sentence of its own, the server's words alone. */
export function explainFailure(message: Message): string {
  return describeKnownFailure(message) ?? replyText(message);
}

/**
 * `FAIL <command> <code> [<context>...] :<words>`, and `<numeric> <nick> [<context>...] :<words>`. The context of
 * CHATHISTORY begins with its subcommand, that of SEARCH with an attribute, and that of REDACT has a message id: they
 * say nothing to people.
 */
function contextOf({ command, params }: Message): readonly string[] {
  if (command !== "FAIL") return params.slice(1, -1);
  if (params[0] === "REDACT") return [];
  return params.slice(params[0] === "CHATHISTORY" || params[0] === "SEARCH" ? 3 : 2, -1);
}

/** Texts that say no more than the code of their reply, as the specifications have them. */
const UNREADABLE_TARGET_TEXT = "Messages could not be retrieved";
const IN_USE_PATTERN = /^nickname is (?:already in use|registered)\b/i;
const MODERATED_PATTERN = /^cannot send to channel \(\+m\)(?:$|: it is moderated$)/i;
const UNKNOWN_MODE_PATTERN = /^is unknown mode char to me\b/i;

function describeKnownFailure(message: Message): string | undefined {
  const [first = "", second = ""] = contextOf(message);
  const words = replyText(message);
  // "Cannot join channel (+i)" repeats what the numeric says; anything else is a reason that a person may
  // have given.
  const why = /\(\+\w\)\.?$/.test(words) || words === "" ? "" : ` (${words})`;
  switch (message.command) {
    case "FAIL":
      if (message.params[1] === "ID_IN_USE") {
        return `id ${first} was used before for another message (${second})`;
      }
      return message.params[1] === "INVALID_TARGET" && isChannelName(first)
        ? `no such room: ${first}${words === UNREADABLE_TARGET_TEXT ? "" : ` (${words})`}`
        : undefined;
    case ERR_NICKNAMEINUSE:
      return IN_USE_PATTERN.test(words)
        ? `the name ${first} is taken; if it is yours: /quit, then chatterbox join ${first}`
        : undefined;
    case ERR_NOSUCHNICK:
      return isChannelName(first) ? `no such room: ${first}` : `no user called ${first} is online`;
    case ERR_NOSUCHCHANNEL:
      return `no such room: ${first}`;
    case ERR_INVITEONLYCHAN:
      return `${first} is by invitation only: one of its operators can /invite you${why}`;
    case ERR_BANNEDFROMCHAN:
      return `you are banned from ${first}${why}`;
    case ERR_BADCHANNELKEY:
      return `${first} needs a key: /join ${first} KEY`;
    case ERR_CHANNELISFULL:
      return `${first} is full${why}`;
    case ERR_NEEDREGGEDNICK:
      return `${first} is for registered names only`;
    case ERR_CANNOTSENDTOCHAN:
      if (!isChannelName(first)) return undefined;
      return MODERATED_PATTERN.test(words)
        ? `${first} is moderated: only operators, and people with voice, may speak`
        : `you may not speak in ${first}: ${words}`;
    case ERR_CHANOPRIVSNEEDED:
      return `only operators of ${first} may do that`;
    case ERR_NOPRIVILEGES:
    case ERR_NOPRIVS:
      return "only operators of this server may do that";
    case ERR_NOOPERHOST:
      return `${message.params[0]} is not an operator of this server; ` +
        "its administrator can give the right (serve --oper NAME)";
    case ERR_UNKNOWNMODE:
      return UNKNOWN_MODE_PATTERN.test(words)
        ? `there is no room setting ${first}; /help mode lists them`
        : undefined;
    case ERR_USERNOTINCHANNEL:
      return `${first} is not in ${second}`;
    case ERR_NOTONCHANNEL:
      return `you are not in ${first}`;
    case ERR_USERONCHANNEL:
      return `${first} is in ${second} already`;
    case ERR_UNKNOWNCOMMAND:
      return `this server does not know ${first}`;
    case ERR_YOUREBANNEDCREEP:
      return /^you are banned /i.test(words) ? words : `you are banned from this server: ${words}`;
    default:
      return undefined;
  }
}
