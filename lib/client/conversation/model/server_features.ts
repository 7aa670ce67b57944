/** What the chat does where the server can do its part, by the capabilities in force. */
import { RECEIPTS } from "../../../irc/vendor_extensions.ts";

export interface ServerFeatures {
  readonly hasHistory: boolean;
  /** The server sends our messages back to us. */
  readonly echoesMessages: boolean;
  /** The server takes a message with an id of ours once, over this connection or another. */
  readonly deduplicatesIds: boolean;
  /** Messages may have tags, and so reactions. */
  readonly supportsTags: boolean;
  /** The server remembers for us what has been read, over this connection and others. */
  readonly keepsReadMarkers: boolean;
}

const HISTORY_CAPABILITY = "draft/chathistory";
const READ_MARKER_CAPABILITY = "draft/read-marker";
const ECHO_CAPABILITY = "echo-message";

/** `isClaimed`: over the next connection we are the same to the server. */
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
