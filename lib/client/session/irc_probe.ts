/** How an IRC server may begin; a peer that begins otherwise speaks another protocol. */
import type { Message } from "../../irc/message.ts";

const FIRST_COMMANDS = new Set(["NOTICE", "PING", "ERROR", "CAP", "AUTHENTICATE", "FAIL", "WARN", "NOTE"]);

/** A numeric without a source is not IRC: an SMTP server begins with `220 …`. */
export function isIrcGreeting({ command, source }: Message): boolean {
  return FIRST_COMMANDS.has(command) || source !== undefined && /^\d{3}$/.test(command);
}
