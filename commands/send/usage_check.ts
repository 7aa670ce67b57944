/** Which flags of `send` go together, and with which receivers. */
import { UsageError } from "../../lib/cli/flags/command_definition.ts";
import { isServiceName } from "../../lib/client/commands/arguments.ts";
import { isChannelName, isTargetName } from "../../lib/irc/names/name_rules.ts";
import { isSenderKey, SENDER_KEY_RULE } from "../../lib/irc/sender_id.ts";
import { suggestForNameAtServer } from "../../lib/net/address.ts";
import type { SendFlags } from "./usage.ts";

/** @throws {UsageError} The flags or the receiver cannot be used, or not together. */
export function checkSendUsage(flags: SendFlags, target: string, words: readonly string[]): void {
  const hint = isChannelName(target) ? undefined : suggestForNameAtServer(target);
  if (hint !== undefined) throw new UsageError(`${target}: ${hint}`);
  if (!isTargetName(target)) {
    throw new UsageError(`${JSON.stringify(target)} is not a valid user or room name`);
  }
  if ((flags.wait === "delivered" || flags.wait === "read") && isChannelName(target)) {
    throw new UsageError(`--wait ${flags.wait} is for users only; for a room there is --wait durable`);
  }
  if (flags.online && isChannelName(target)) {
    throw new UsageError("--online is for users only; a room takes messages also when it is empty");
  }
  if (flags.online && flags.outbox) {
    throw new UsageError(
      "--online and --outbox exclude each other: a kept message is sent later, also to a receiver who is offline",
    );
  }
  if (flags.outbox && isServiceName(target)) {
    throw new UsageError(
      `--outbox: what is told to a service may be a passphrase, and is not kept on disk; ${target} is one by its name`,
    );
  }
  if (flags["data-dir"] !== undefined && !flags.local) {
    throw new UsageError("--data-dir requires --local; without it, --server names the server");
  }
  if (flags.id !== undefined && !isSenderKey(flags.id)) {
    throw new UsageError(`--id ${JSON.stringify(flags.id)}: it is not ${SENDER_KEY_RULE}`);
  }
  checkTextUsage(flags, words);
  checkScheduleUsage(flags);
}

/** Flags that go with one text, and not with a stream of lines. */
const NOT_WITH_LINES = [
  "file",
  "code",
  "lang",
  "reply-to",
  "id",
  "wait",
  "online",
  "outbox",
  "local",
  "at",
  "in",
  "every",
] as const;

function checkTextUsage(flags: SendFlags, words: readonly string[]): void {
  if (flags.json && flags.template !== undefined) {
    throw new UsageError("--json and --template exclude each other");
  }
  if (flags.lang !== undefined && !/^[A-Za-z0-9_+#.-]{1,32}$/.test(flags.lang)) {
    throw new UsageError(`--lang ${flags.lang}: not the name of a language, such as sh`);
  }
  const reply = flags["reply-to"];
  if (reply !== undefined && !/^[!-~]{1,200}$/.test(reply)) {
    throw new UsageError(`--reply-to ${JSON.stringify(reply)}: not the id of a message`);
  }
  if (reply !== undefined && flags.outbox) throw new UsageError("--reply-to and --outbox exclude each other");
  if (flags.file !== undefined && words[0] === "-") {
    throw new UsageError("--file is the text; - for standard input cannot be used with it");
  }
  if (!flags.lines) return;
  if (words.length > 1 || words.length === 1 && words[0] !== "-") {
    throw new UsageError("--lines sends standard input; omit the text");
  }
  const other = NOT_WITH_LINES.find((name) => flags[name] !== undefined && flags[name] !== false);
  if (other !== undefined) throw new UsageError(`--${other} cannot be used with --lines`);
}

/** Whether the server is to say the text later. */
export function isScheduled(flags: Pick<SendFlags, "at" | "in" | "every">): boolean {
  return flags.at !== undefined || flags.in !== undefined || flags.every !== undefined;
}

/** Flags that say more of a message than the server knows when it takes it for later. */
const NOT_LATER = ["online", "outbox", "local"] as const;

function checkScheduleUsage(flags: SendFlags): void {
  const times = (["at", "in", "every"] as const).filter((name) => flags[name] !== undefined);
  if (times.length > 1) throw new UsageError(`--${times[0]} and --${times[1]} exclude each other`);
  const [time] = times;
  if (time === undefined) {
    if (flags.zone !== undefined) throw new UsageError("--zone needs --at or --every");
    return;
  }
  const other = NOT_LATER.find((name) => flags[name]);
  if (other !== undefined) throw new UsageError(`--${other} cannot be used with --${time}`);
  if (flags.wait === "delivered" || flags.wait === "read") {
    throw new UsageError(`--wait ${flags.wait} cannot be used with --${time}: the message is said later`);
  }
}
