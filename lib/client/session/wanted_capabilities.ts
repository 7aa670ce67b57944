/**
 * The capabilities that our clients request, wherever a server offers them
 * (https://ircv3.net/specs/extensions/capability-negotiation), and what a client does with each. A capability
 * that is not listed here is not requested, also where a later server offers it.
 */
import {
  CHANNEL_RENAME,
  CHATHISTORY,
  EVENT_PLAYBACK,
  MESSAGE_REDACTION,
  READ_MARKER,
  SASL,
  SOJU_SEARCH,
} from "../../irc/capability_names.ts";
import { MULTILINE } from "../../irc/multiline.ts";
import { CLAIM_CAPABILITY, OBSERVER_CAPABILITY, RECEIPTS, SEQ_TAG } from "../../irc/vendor_extensions.ts";

/**
 * The registrations for which a capability is requested: all; those of observers; those with credentials; those that
 * show presence and want events in history: pages.
 */
type WantedFor = "all" | "observer" | "login" | "events";

export const WANTED_CAPABILITIES: ReadonlyMap<string, WantedFor> = new Map<string, WantedFor>([
  ["message-tags", "all"], // message ids, reactions, and the tags of the other capabilities
  ["server-time", "all"], // the time at which a message was sent, also for one of the past
  ["batch", "all"], // history and long responses as one unit
  ["labeled-response", "all"], // which response belongs to which request
  ["echo-message", "all"], // the echo of a message as its acknowledgement
  ["standard-replies", "all"], // failures by their codes
  [SASL, "login"], // login to the account of the name
  [CHATHISTORY, "all"], // history, and what was missed after a loss
  [EVENT_PLAYBACK, "events"], // reactions in history
  ["away-notify", "events"], // presence in the list of people
  ["extended-monitor", "events"], // presence in direct conversations
  [SOJU_SEARCH, "all"], // search on the server
  [MULTILINE, "all"], // a text of several lines as one message
  [MESSAGE_REDACTION, "all"], // deletion of messages
  [CHANNEL_RENAME, "all"], // following a channel to its new name
  [READ_MARKER, "all"], // on the server, what has been read
  ["cap-notify", "all"], // capabilities that come and go
  [SEQ_TAG, "all"], // gaps in history, by sequence numbers
  [CLAIM_CAPABILITY, "all"], // keeping the name on a server without accounts
  [OBSERVER_CAPABILITY, "observer"], // reading without a name
  [RECEIPTS, "all"], // sending a message again without doubling it; waiting for receipts
]);
