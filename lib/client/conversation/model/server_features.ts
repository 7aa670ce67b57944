/** What the chat can use of a server, by the capabilities in force. */
import { RECEIPTS } from "../../../irc/vendor_extensions.ts";

export interface ServerFeatures {
  readonly hasHistory: boolean;
  /** The server echoes our messages. */
  readonly echoesMessages: boolean;
  /** The server stores a message with the same sender id once, over this connection or another. */
  readonly deduplicatesIds: boolean;
  /** Messages may have tags, such as reactions. */
  readonly supportsTags: boolean;
  /** The server keeps read markers for us, over this connection and others. */
  readonly keepsReadMarkers: boolean;
}

const HISTORY_CAPABILITY = "draft/chathistory";
const READ_MARKER_CAPABILITY = "draft/read-marker";
const ECHO_CAPABILITY = "echo-message";

/** `isClaimed`: see `ConnectionInfo`. */
export function readServerFeatures(caps: ReadonlySet<string>, isClaimed: boolean): ServerFeatures {
  const deduplicatesIds = isClaimed && caps.has(RECEIPTS);
  return {
    hasHistory: caps.has(HISTORY_CAPABILITY),
    echoesMessages: caps.has(ECHO_CAPABILITY),
    deduplicatesIds,
    supportsTags: caps.has("message-tags"),
    keepsReadMarkers: deduplicatesIds && caps.has(READ_MARKER_CAPABILITY) && caps.has("server-time"),
  };
}
