/**
 * The capabilities that our clients request, wherever a server offers them
 * (https://ircv3.net/specs/extensions/capability-negotiation), and what a client does with each. A capability
 * that is not listed here is not requested, also where a later server offers it.
 */
import { CHANNEL_RENAME, MESSAGE_REDACTION, READ_MARKER, SASL } from "../../irc/capability_names.ts";
import { MULTILINE } from "../../irc/multiline.ts";
import { CLAIM_CAPABILITY, OBSERVER_CAPABILITY, RECEIPTS, SEQ_TAG } from "../../irc/vendor_extensions.ts";

export interface WantedCapability {
  /** What the client does with it, in a few words. */
  readonly use: string;
  /** The registrations for which it is requested; left out: all. */
  readonly for?: "observer" | "login";
}

export const WANTED_CAPABILITIES: ReadonlyMap<string, WantedCapability> = new Map<string, WantedCapability>([
  ["message-tags", { use: "message ids, reactions, and the tags of the other capabilities" }],
  ["server-time", { use: "the time at which a message was sent, also for one of the past" }],
  ["batch", { use: "history and long responses as one unit" }],
  ["labeled-response", { use: "which response belongs to which request" }],
  ["echo-message", { use: "the echo of a message as its acknowledgement" }],
  ["standard-replies", { use: "failures by their codes" }],
  [SASL, { use: "login to the account of the name", for: "login" }],
  ["draft/chathistory", { use: "history, and what was missed after a loss" }],
  [MULTILINE, { use: "a text of several lines as one message" }],
  [MESSAGE_REDACTION, { use: "deletion of messages" }],
  [CHANNEL_RENAME, { use: "following a channel to its new name" }],
  [READ_MARKER, { use: "on the server, what has been read" }],
  ["cap-notify", { use: "capabilities that come and go" }],
  [SEQ_TAG, { use: "gaps in history, by sequence numbers" }],
  [CLAIM_CAPABILITY, { use: "keeping the name on a server without accounts" }],
  [OBSERVER_CAPABILITY, { use: "reading without a name", for: "observer" }],
  [RECEIPTS, { use: "sending a message again without doubling it; waiting for receipts" }],
  // Of the rest a client shows nothing so far: it is there for a list of members.
  ["multi-prefix", { use: "the ranks of a member" }],
  ["away-notify", { use: "which members are away" }],
  ["draft/pre-away", { use: "being away from the start" }],
  ["account-notify", { use: "the accounts of members" }],
  ["account-tag", { use: "the account of a sender" }],
  ["extended-join", { use: "the account of a user that joins" }],
]);
