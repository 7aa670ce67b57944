/**
 * Names of capabilities from IRCv3 that server and clients refer to; capabilities.ts has the table of all
 * that the server offers.
 */

/** The values of these two depend on the server's configuration. */
export const SASL = "sasl";
export const ACCOUNT_REGISTRATION = "draft/account-registration";
/** History of a conversation: CHATHISTORY. */
export const CHATHISTORY = "draft/chathistory";
/** Tag of a batch of history: there is nothing beyond it in the direction that was asked for. */
export const HISTORY_END_TAG = "draft/chathistory-end";
/** Read markers: MARKREAD. */
export const READ_MARKER = "draft/read-marker";
/** Deletion of sent messages: REDACT. */
export const MESSAGE_REDACTION = "draft/message-redaction";
/** Renaming of channels: RENAME. */
export const CHANNEL_RENAME = "draft/channel-rename";
/** Metadata of users and channels: METADATA. */
export const METADATA_2 = "draft/metadata-2";
/** The current version of the metadata specification; a session has one of the two. */
export const METADATA_3 = "draft/metadata-3";
/** The client's own prefix, sent at registration. */
export const WHOAMI = "draft/whoami";
/** CHATHISTORY that includes events other than messages. */
export const EVENT_PLAYBACK = "draft/event-playback";
/** Search on the server: SEARCH. As soju calls it, and then as the draft of IRCv3 does. */
export const SOJU_SEARCH = "soju.im/search";
export const SEARCH = "draft/search";
