/** Slash commands of server operators. Pure. */
import { parseDuration } from "../../../base/values/duration.ts";
import { parseNothing, parseWord, splitFirstWord, splitWords } from "../arguments.ts";
import { checkTargets, makeReasonParams, requestChange } from "../requests.ts";
import { askInfo } from "../info_requests.ts";
import { defineCommand } from "../slash_command.ts";
import type { SlashCommand } from "../slash_command.ts";

const TARGET_DETAIL = "TARGET: a name, account:NAME, an address or a range of addresses";
const DURATION_DETAIL = "DURATION: as in 10m, 2h, 7d; without it: until it is lifted";

export const SERVER_OPERATOR_COMMANDS: readonly SlashCommand[] = [
  defineCommand({
    names: ["oper"],
    usage: "[NAME] [PASSWORD]",
    summary: "become an operator of the server",
    details: [
      "On ChatterBox servers without arguments: the account has to be listed",
      "with serve --oper. Elsewhere: name and password of an operator there.",
    ],
    topic: "server",
    hasSecret: (rest) => rest !== "", // the password may be given alone, by mistake
    parse(rest) {
      const [name, ...more] = splitWords(rest);
      return more.length > 1 ? undefined : { name, password: more };
    },
    run(chat, { name = chat.nick, password }, now) {
      if (!checkTargets(chat, [name], now)) return;
      requestChange(chat, { command: "OPER", params: [name, ...password] }, now);
    },
  }),
  defineCommand({
    names: ["kill"],
    usage: "NAME [REASON]",
    summary: "disconnect a person",
    topic: "server",
    parse(rest) {
      const [name, reason] = splitFirstWord(rest);
      return name === "" ? undefined : { name, reason };
    },
    run(chat, { name, reason }, now) {
      if (!checkTargets(chat, [name], now)) return;
      const [text = "No reason given"] = makeReasonParams(reason);
      requestChange(chat, { command: "KILL", params: [name, text] }, now);
    },
  }),
  defineBanCommand("gban", "BAN", "keep a person off the server", "banned from this server"),
  defineUnbanCommand("ungban", "UNBAN", "lift a ban", "banned from this server"),
  defineCommand({
    names: ["gbans"],
    usage: "",
    summary: "list bans and mutes",
    topic: "server",
    parse: parseNothing,
    run: (chat, _, now) => askInfo(chat, { command: "BANS" }, { for: "server_bans" }, now),
  }),
  defineBanCommand("mute", "MUTE", "keep a person from speaking", "muted on this server"),
  defineUnbanCommand("unmute", "UNMUTE", "lift a mute", "muted on this server"),
];

/** `state` is what the command makes of the target, in words. */
function defineBanCommand(name: string, verb: "BAN" | "MUTE", summary: string, state: string): SlashCommand {
  return defineCommand({
    names: [name],
    usage: "TARGET [DURATION] [REASON]",
    summary,
    details: [TARGET_DETAIL, DURATION_DETAIL],
    topic: "server",
    parse(rest) {
      const [target, behind] = splitFirstWord(rest);
      const [word, more] = splitFirstWord(behind);
      if (target === "") return undefined;
      return parseDuration(word) === undefined
        ? { target, duration: undefined, reason: behind, wrongDuration: /^\d/.test(word) ? word : undefined }
        : { target, duration: word, reason: more, wrongDuration: undefined };
    },
    run(chat, { target, duration, reason, wrongDuration }, now) {
      if (wrongDuration !== undefined) {
        return chat.refuse(`${wrongDuration} is not a duration such as 30m, 2h or 7d`, now);
      }
      if (!checkTargets(chat, [target], now)) return;
      const terms = duration === undefined ? [] : [duration];
      requestChange(chat, { command: verb, params: [target, ...terms, ...makeReasonParams(reason)] }, now, {
        done: `${target} is ${state}${duration === undefined ? "" : ` for ${duration}`}`,
      });
    },
  });
}

/** `state` is what the target is no longer, in words. */
function defineUnbanCommand(
  name: string,
  verb: "UNBAN" | "UNMUTE",
  summary: string,
  state: string,
): SlashCommand {
  return defineCommand({
    names: [name],
    usage: "TARGET",
    summary,
    details: [TARGET_DETAIL],
    topic: "server",
    parse: parseWord,
    run(chat, target, now) {
      if (!checkTargets(chat, [target], now)) return;
      requestChange(chat, { command: verb, params: [target] }, now, {
        done: `${target} is no longer ${state}`,
      });
    },
  });
}
