/**
 * The capabilities that the server offers (https://ircv3.net/specs/extensions/capability-negotiation): one table, one
 * bit each.
 */
import { MULTILINE } from "./multiline.ts";
import { RECEIPTS, SEQ_TAG, VENDOR_PREFIX } from "./vendor_extensions.ts";

/**
 * Bits of a session's capability set, one integer. The lowest five change the tags and parameters of a line to a
 * channel; {@link FORM_MASK} selects them, and a message is encoded once for each form in use.
 */
export const CAP = {
  messageTags: 1 << 0,
  serverTime: 1 << 1,
  seq: 1 << 2,
  accountTag: 1 << 3,
  extendedJoin: 1 << 4,
  batch: 1 << 5,
  labeledResponse: 1 << 6,
  echoMessage: 1 << 7,
  multiPrefix: 1 << 8,
  awayNotify: 1 << 9,
  chathistory: 1 << 10,
  capNotify: 1 << 11,
  claim: 1 << 12,
  observer: 1 << 13,
  receipts: 1 << 14,
  sasl: 1 << 15,
  registration: 1 << 16,
  accountNotify: 1 << 17,
  readMarker: 1 << 18,
  eventPlayback: 1 << 19,
  preAway: 1 << 20,
  setname: 1 << 21,
  userhostInNames: 1 << 22,
  inviteNotify: 1 << 23,
  extendedMonitor: 1 << 24,
  noImplicitNames: 1 << 25,
  extendedIsupport: 1 << 26,
  multiline: 1 << 27,
  redaction: 1 << 28,
  channelRename: 1 << 29,
  metadata: 1 << 30,
} as const;

/**
 * Capabilities that change no line to a channel or a user; a session keeps them in a separate integer.
 *
 * - chghost: host and user name never change on this server, but clients ask for it.
 * - standard-replies: the server sends only those that a specification or ARCHITECTURE.md defines for the command.
 * - whoami: one line at registration.
 * - metadata2 and metadata3: the variant of {@link CAP.metadata} in use.
 */
export const QUIET_CAP = {
  chghost: 1 << 0,
  standardReplies: 1 << 1,
  whoami: 1 << 2,
  metadata2: 1 << 3,
  metadata3: 1 << 4,
} as const;

/** The bits of {@link CAP} that determine the form of a line. */
export const FORM_MASK = CAP.messageTags | CAP.serverTime | CAP.seq | CAP.accountTag | CAP.extendedJoin;

/** Number of forms that {@link FORM_MASK} allows, and length of a table indexed by form. */
export const FORM_COUNT = FORM_MASK + 1;

/** First version of `CAP LS` in which capabilities have values and cap-notify is implied. */
export const CAP_VERSION_VALUES = 302;

export interface Capability {
  /** As in CAP LS and CAP REQ; case-sensitive. */
  readonly name: string;
  /**
   * One bit of {@link CAP}, shared by all names of the same capability; 0: the capability has only a bit of
   * {@link QUIET_CAP}.
   */
  readonly bit: number;
  /** A bit of {@link QUIET_CAP}. If present, it decides whether the capability is enabled. */
  readonly quiet?: number;
  /** URL of its specification. */
  readonly spec: string;
}

/** The values of these two depend on the server's configuration. */
export const SASL = "sasl";
export const ACCOUNT_REGISTRATION = "draft/account-registration";
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

const IRCV3 = "https://ircv3.net/specs/extensions/";

/** ChatterBox's own capabilities are documented in ARCHITECTURE.md. */
const VENDOR_SPEC = "ARCHITECTURE.md";

export const CAPABILITIES: readonly Capability[] = [
  { name: "message-tags", bit: CAP.messageTags, spec: IRCV3 + "message-tags" },
  { name: "server-time", bit: CAP.serverTime, spec: IRCV3 + "server-time" },
  { name: "batch", bit: CAP.batch, spec: IRCV3 + "batch" },
  { name: "labeled-response", bit: CAP.labeledResponse, spec: IRCV3 + "labeled-response" },
  { name: "echo-message", bit: CAP.echoMessage, spec: IRCV3 + "echo-message" },
  { name: "multi-prefix", bit: CAP.multiPrefix, spec: IRCV3 + "multi-prefix" },
  { name: "away-notify", bit: CAP.awayNotify, spec: IRCV3 + "away-notify" },
  { name: "setname", bit: CAP.setname, spec: IRCV3 + "setname" },
  { name: "chghost", bit: 0, quiet: QUIET_CAP.chghost, spec: IRCV3 + "chghost" },
  { name: "userhost-in-names", bit: CAP.userhostInNames, spec: IRCV3 + "userhost-in-names" },
  { name: "invite-notify", bit: CAP.inviteNotify, spec: IRCV3 + "invite-notify" },
  { name: "extended-monitor", bit: CAP.extendedMonitor, spec: IRCV3 + "extended-monitor" },
  { name: "no-implicit-names", bit: CAP.noImplicitNames, spec: IRCV3 + "no-implicit-names" },
  {
    name: "standard-replies",
    bit: 0,
    quiet: QUIET_CAP.standardReplies,
    spec: IRCV3 + "standard-replies",
  },
  { name: "account-tag", bit: CAP.accountTag, spec: IRCV3 + "account-tag" },
  { name: "account-notify", bit: CAP.accountNotify, spec: IRCV3 + "account-notify" },
  { name: "extended-join", bit: CAP.extendedJoin, spec: IRCV3 + "extended-join" },
  { name: SASL, bit: CAP.sasl, spec: IRCV3 + "sasl-3.2" },
  { name: ACCOUNT_REGISTRATION, bit: CAP.registration, spec: IRCV3 + "account-registration" },
  { name: "draft/chathistory", bit: CAP.chathistory, spec: IRCV3 + "chathistory" },
  { name: "draft/extended-isupport", bit: CAP.extendedIsupport, spec: IRCV3 + "extended-isupport" },
  { name: "draft/no-implicit-names", bit: CAP.noImplicitNames, spec: IRCV3 + "no-implicit-names" },
  { name: "draft/pre-away", bit: CAP.preAway, spec: IRCV3 + "pre-away" },
  { name: EVENT_PLAYBACK, bit: CAP.eventPlayback, spec: IRCV3 + "chathistory" },
  { name: MULTILINE, bit: CAP.multiline, spec: IRCV3 + "multiline" },
  { name: MESSAGE_REDACTION, bit: CAP.redaction, spec: IRCV3 + "message-redaction" },
  { name: CHANNEL_RENAME, bit: CAP.channelRename, spec: IRCV3 + "channel-rename" },
  { name: METADATA_2, bit: CAP.metadata, quiet: QUIET_CAP.metadata2, spec: IRCV3 + "metadata" },
  { name: METADATA_3, bit: CAP.metadata, quiet: QUIET_CAP.metadata3, spec: IRCV3 + "metadata" },
  { name: WHOAMI, bit: 0, quiet: QUIET_CAP.whoami, spec: IRCV3 + "whoami" },
  { name: READ_MARKER, bit: CAP.readMarker, spec: IRCV3 + "read-marker" },
  { name: "cap-notify", bit: CAP.capNotify, spec: IRCV3 + "capability-negotiation" },
  { name: SEQ_TAG, bit: CAP.seq, spec: VENDOR_SPEC },
  { name: VENDOR_PREFIX + "claim", bit: CAP.claim, spec: VENDOR_SPEC },
  { name: VENDOR_PREFIX + "observer", bit: CAP.observer, spec: VENDOR_SPEC },
  { name: RECEIPTS, bit: CAP.receipts, spec: VENDOR_SPEC },
];

const CAPABILITY_BY_NAME: ReadonlyMap<string, Capability> = new Map(
  CAPABILITIES.map((cap) => [cap.name, cap]),
);

/** The capability with exactly this name; undefined if the server does not offer it. */
export function findCapability(name: string): Capability | undefined {
  return CAPABILITY_BY_NAME.get(name);
}

/**
 * The tokens of CAP LS for a client of `version` (301 if it named none): `name`, or from 302 on `name=value` if
 * `values` has a value for it.
 */
export function formatCapLs(version: number, values: ReadonlyMap<string, string>): string[] {
  return CAPABILITIES.map(({ name }) => {
    const value = version >= CAP_VERSION_VALUES ? values.get(name) : undefined;
    return value === undefined ? name : `${name}=${value}`;
  });
}

/** Names of the capabilities in `bits` and, of the quiet ones, in `quiet`, as CAP LIST shows them. */
export function formatCapList(bits: number, quiet = 0): string[] {
  return CAPABILITIES.filter((cap) => (cap.quiet === undefined ? bits & cap.bit : quiet & cap.quiet) !== 0)
    .map((cap) => cap.name);
}
