/** What a failure says to a person. Pure. */
import type { Message } from "../../../irc/message.ts";
import {
  ERR_BADCHANNELKEY,
  ERR_BANNEDFROMCHAN,
  ERR_CANNOTSENDTOCHAN,
  ERR_CHANNELISFULL,
  ERR_CHANOPRIVSNEEDED,
  ERR_INVITEONLYCHAN,
  ERR_NEEDREGGEDNICK,
  ERR_NOPRIVILEGES,
  ERR_NOPRIVS,
  ERR_NOTONCHANNEL,
  ERR_UNKNOWNCOMMAND,
  ERR_USERNOTINCHANNEL,
  ERR_USERONCHANNEL,
  ERR_YOUREBANNEDCREEP,
} from "../../../irc/numerics.ts";

/** Numerics above 599 that say no: STARTTLS, modes, KNOCK, operators' rights, MONITOR, accounts. */
const HIGH_FAILURES = /^(?:691|69[678]|71[234]|723|734|90[24567])$/;

/** FAIL (https://ircv3.net/specs/extensions/standard-replies), or a numeric that says no. */
export function isFailureReply({ command }: Message): boolean {
  return command === "FAIL" || /^[45]\d\d$/.test(command) || HIGH_FAILURES.test(command);
}

/** The failure in one sentence: ours where there is one for it, else what it is about, and the server's words. */
export function describeFailure(message: Message): string {
  const words = message.params.at(-1) ?? message.command;
  // `FAIL <command> <code> [<context>...] :<words>`, and `<numeric> <nick> [<context>...] :<words>`
  const context = message.params.slice(message.command === "FAIL" ? 2 : 1, -1);
  const plain = describeNumeric(message.command, context, words);
  if (plain !== undefined) return plain;
  return context.length === 0 ? words : `${context.join(" ")}: ${words}`;
}

function describeNumeric(command: string, [first = "", second = ""]: readonly string[], words: string):
  | string
  | undefined {
  // "Cannot join channel (+i)" says nothing more; anything else may be the reason that somebody gave.
  const why = /\(\+\w\)\.?$/.test(words) || words === "" ? "" : ` (${words})`;
  switch (command) {
    case ERR_INVITEONLYCHAN:
      return `${first} is open to the invited only: somebody in it can /invite you${why}`;
    case ERR_BANNEDFROMCHAN:
      return `you are banned from ${first}${why}`;
    case ERR_BADCHANNELKEY:
      return `${first} needs a key: /join ${first} KEY`;
    case ERR_CHANNELISFULL:
      return `${first} is full${why}`;
    case ERR_NEEDREGGEDNICK:
      return `${first} is for registered names only`;
    case ERR_CANNOTSENDTOCHAN:
      return `you may not speak in ${first}: ${words}`;
    case ERR_CHANOPRIVSNEEDED:
      return `only operators of ${first} may do that`;
    case ERR_NOPRIVILEGES:
    case ERR_NOPRIVS:
      return "only operators of this server may do that";
    case ERR_USERNOTINCHANNEL:
      return `${first} is not in ${second}`;
    case ERR_NOTONCHANNEL:
      return `you are not in ${first}`;
    case ERR_USERONCHANNEL:
      return `${first} is in ${second} already`;
    case ERR_UNKNOWNCOMMAND:
      return `this server does not know ${first}`;
    case ERR_YOUREBANNEDCREEP:
      return `you are banned from this server: ${words}`;
    default:
      return undefined;
  }
}
