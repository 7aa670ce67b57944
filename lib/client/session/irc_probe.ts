/** What a server of IRC may say first; who says something else speaks another protocol. */
import type { Message } from "../../irc/message.ts";

const FIRST_COMMANDS = new Set(["NOTICE", "PING", "ERROR", "CAP", "AUTHENTICATE", "FAIL", "WARN", "NOTE"]);

/** A numeric from nobody is not IRC: an SMTP server says `220 …`. */
export function isIrcGreeting({ command, source }: Message): boolean {
  return FIRST_COMMANDS.has(command) || source !== undefined && /^\d{3}$/.test(command);
}
