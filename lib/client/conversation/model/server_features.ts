/** What a client can use of a server, by the capabilities in force. Pure. */
import {
  CHANNEL_RENAME,
  CHATHISTORY,
  MESSAGE_REDACTION,
  READ_MARKER,
  SOJU_SEARCH,
} from "../../../irc/capability_names.ts";
import { RECEIPTS } from "../../../irc/vendor_extensions.ts";
import { readMultilineLimits } from "./multiline_text.ts";
import type { CapabilityFacts, MultilineLimits } from "./multiline_text.ts";

export interface ServerFeatures {
  /** The limits of a message of several lines; undefined: the server has none. */
  readonly multiline: MultilineLimits | undefined;
  /** The server tells what has become of a message that it has accepted. */
  readonly hasReceipts: boolean;
  readonly hasHistory: boolean;
  /** The server searches earlier messages. */
  readonly hasSearch: boolean;
  /** The server echoes our messages. */
  readonly echoesMessages: boolean;
  /** The server stores a message with the same sender id once, over this connection or another. */
  readonly deduplicatesIds: boolean;
  /** Messages may have tags, such as reactions. */
  readonly supportsTags: boolean;
  /** Messages can be removed. */
  readonly supportsRedaction: boolean;
  /** Channels can get another name. */
  readonly renamesChannels: boolean;
  /** The server keeps read markers for us, over this connection and others. */
  readonly keepsReadMarkers: boolean;
}

/** What the features depend on. */
export interface ConnectionFacts extends CapabilityFacts {
  /** We have proved by a key that the name is ours: over the next connection we are the same user. */
  readonly isClaimed: boolean;
}

/**
 * Whether messages may have sender ids, and receipts can be awaited: requests have tags only where they have
 * labels, and a response that comes at any time needs one.
 */
export function supportsReceipts({ caps }: Pick<ConnectionFacts, "caps">): boolean {
  return caps.has(RECEIPTS) && caps.has("labeled-response");
}

/** Whether a message that is sent again under its sender id, over another connection, is stored once. */
export function deduplicatesMessages(connection: ConnectionFacts): boolean {
  return supportsReceipts(connection) && connection.isClaimed;
}

export function readServerFeatures(connection: ConnectionFacts): ServerFeatures {
  const { caps } = connection;
  const deduplicatesIds = deduplicatesMessages(connection);
  return {
    multiline: readMultilineLimits(connection),
    hasReceipts: supportsReceipts(connection),
    hasHistory: caps.has(CHATHISTORY),
    hasSearch: caps.has(SOJU_SEARCH),
    echoesMessages: caps.has("echo-message"),
    deduplicatesIds,
    supportsTags: caps.has("message-tags"),
    supportsRedaction: caps.has(MESSAGE_REDACTION),
    renamesChannels: caps.has(CHANNEL_RENAME),
    keepsReadMarkers: deduplicatesIds && caps.has(READ_MARKER) && caps.has("server-time"),
  };
}
