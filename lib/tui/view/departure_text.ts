/** Why people have left, in words: of what servers and programs say by themselves nothing is shown as a person's words. Pure. */
import { isSameName } from "../../irc/names/casemap.ts";

export interface Departure {
  /** The connection was lost: the person has not left by choice. */
  readonly isLost: boolean;
  /** The person's words, or the server's; "": none. */
  readonly reason: string;
}

/** What programs say where a person says nothing. */
const EMPTY_REASONS = /^(?:leaving|client (?:quit|exited)|quit|exit(?:ing)?)[.!]?$/i;
/** What servers say of a connection that has ended. */
const LOSS_PATTERN =
  /^(?:connection (?:closed|reset(?: by peer)?|timed out)|ping timeout|remote host closed|read error|write error|broken pipe|eof\b|input\/output error|(?:socket|tls|ssl) error)/i;
/** RFC 2812 and modern: before the words of a person that quits. */
const QUIT_PREFIX = /^quit(?::\s*|$)/i;

/** The reason in QUIT or PART of `nick`. */
export function explainDeparture(reason: string, nick: string): Departure {
  const isByChoice = QUIT_PREFIX.test(reason);
  const words = reason.replace(QUIT_PREFIX, "").trim();
  if (!isByChoice && LOSS_PATTERN.test(words)) return { isLost: true, reason: "" };
  const isEmpty = EMPTY_REASONS.test(words) || isSameName(words, nick);
  return { isLost: false, reason: isEmpty ? "" : words };
}
