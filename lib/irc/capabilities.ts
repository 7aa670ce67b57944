/**
 * The capabilities that the server offers (https://ircv3.net/specs/extensions/capability-negotiation): one table.
 */
import { CapSet } from "./cap_set.ts";
import type { Cap } from "./cap_set.ts";
import {
  ACCOUNT_REGISTRATION,
  CHANNEL_RENAME,
  CHATHISTORY,
  EVENT_PLAYBACK,
  MESSAGE_REDACTION,
  METADATA_2,
  METADATA_3,
  READ_MARKER,
  SASL,
  SEARCH,
  SOJU_SEARCH,
  WHOAMI,
} from "./capability_names.ts";
import { MULTILINE } from "./multiline.ts";
import {
  ASK_CAPABILITY,
  CLAIM_CAPABILITY,
  OBSERVER_CAPABILITY,
  ONCALL_CAPABILITY,
  RECEIPTS,
  SEQ_TAG,
} from "./vendor_extensions.ts";

/**
 * Places in a session's {@link CapSet}. The first five change the tags and parameters of a line to a channel, see {@link
 * FORM}.
 *
 * - chghost: host and user name never change on this server, but clients ask for it.
 * - standardReplies: the server sends only those that a specification or docs/protocol/ defines for the command.
 * - whoami: one line at registration.
 * - search, draftSearch: the same; they differ in the type of the batch.
 * - metadata: one of the two versions, metadata2 or metadata3, is enabled.
 */
export const CAP = {
  messageTags: 0,
  serverTime: 1,
  seq: 2,
  accountTag: 3,
  extendedJoin: 4,
  batch: 5,
  labeledResponse: 6,
  echoMessage: 7,
  multiPrefix: 8,
  awayNotify: 9,
  chathistory: 10,
  capNotify: 11,
  claim: 12,
  observer: 13,
  receipts: 14,
  sasl: 15,
  registration: 16,
  accountNotify: 17,
  readMarker: 18,
  eventPlayback: 19,
  preAway: 20,
  setname: 21,
  userhostInNames: 22,
  inviteNotify: 23,
  extendedMonitor: 24,
  noImplicitNames: 25,
  extendedIsupport: 26,
  multiline: 27,
  redaction: 28,
  channelRename: 29,
  metadata: 30,
  chghost: 31,
  standardReplies: 32,
  whoami: 33,
  metadata2: 34,
  metadata3: 35,
  search: 36,
  draftSearch: 37,
  ask: 38,
  oncall: 39,
} as const;

/**
 * Bits of the form of a line: what the tags and parameters of a line to a channel depend on. A message is encoded once
 * for each form in use.
 */
export const FORM = {
  messageTags: 1 << CAP.messageTags,
  serverTime: 1 << CAP.serverTime,
  seq: 1 << CAP.seq,
  accountTag: 1 << CAP.accountTag,
  extendedJoin: 1 << CAP.extendedJoin,
} as const;

/** All bits of {@link FORM}. */
const FORM_MASK = 0b11111;

/** Number of forms, and length of a table indexed by form. */
export const FORM_COUNT = FORM_MASK + 1;

/** The capabilities that determine the form. */
export const FORM_CAPS = CapSet.of(
  CAP.messageTags,
  CAP.serverTime,
  CAP.seq,
  CAP.accountTag,
  CAP.extendedJoin,
);

/** A combination of the bits of {@link FORM}; an index below {@link FORM_COUNT}. */
export type Form = number;

/** The form of the lines that a session with `caps` gets. */
export function formOf(caps: CapSet): Form {
  return caps.low & FORM_MASK;
}

/** First version of `CAP LS` in which capabilities have values and cap-notify is implied. */
export const CAP_VERSION_VALUES = 302;

export interface Capability {
  /** As in CAP LS and CAP REQ; case-sensitive. */
  readonly name: string;
  /** Its place in a {@link CapSet}; shared by all names of the same capability. */
  readonly cap: Cap;
  /** URL of its specification. */
  readonly spec: string;
}

const IRCV3 = "https://ircv3.net/specs/extensions/";

/** Folder of the pages that describe ChatterBox's own capabilities. */
const VENDOR_SPEC = "docs/protocol/";

export const CAPABILITIES: readonly Capability[] = [
  { name: "message-tags", cap: CAP.messageTags, spec: IRCV3 + "message-tags" },
  { name: "server-time", cap: CAP.serverTime, spec: IRCV3 + "server-time" },
  { name: "batch", cap: CAP.batch, spec: IRCV3 + "batch" },
  { name: "labeled-response", cap: CAP.labeledResponse, spec: IRCV3 + "labeled-response" },
  { name: "echo-message", cap: CAP.echoMessage, spec: IRCV3 + "echo-message" },
  { name: "multi-prefix", cap: CAP.multiPrefix, spec: IRCV3 + "multi-prefix" },
  { name: "away-notify", cap: CAP.awayNotify, spec: IRCV3 + "away-notify" },
  { name: "setname", cap: CAP.setname, spec: IRCV3 + "setname" },
  { name: "chghost", cap: CAP.chghost, spec: IRCV3 + "chghost" },
  { name: "userhost-in-names", cap: CAP.userhostInNames, spec: IRCV3 + "userhost-in-names" },
  { name: "invite-notify", cap: CAP.inviteNotify, spec: IRCV3 + "invite-notify" },
  { name: "extended-monitor", cap: CAP.extendedMonitor, spec: IRCV3 + "extended-monitor" },
  { name: "no-implicit-names", cap: CAP.noImplicitNames, spec: IRCV3 + "no-implicit-names" },
  {
    name: "standard-replies",
    cap: CAP.standardReplies,
    spec: IRCV3 + "standard-replies",
  },
  { name: "account-tag", cap: CAP.accountTag, spec: IRCV3 + "account-tag" },
  { name: "account-notify", cap: CAP.accountNotify, spec: IRCV3 + "account-notify" },
  { name: "extended-join", cap: CAP.extendedJoin, spec: IRCV3 + "extended-join" },
  { name: SASL, cap: CAP.sasl, spec: IRCV3 + "sasl-3.2" },
  { name: ACCOUNT_REGISTRATION, cap: CAP.registration, spec: IRCV3 + "account-registration" },
  { name: CHATHISTORY, cap: CAP.chathistory, spec: IRCV3 + "chathistory" },
  { name: "draft/extended-isupport", cap: CAP.extendedIsupport, spec: IRCV3 + "extended-isupport" },
  { name: "draft/no-implicit-names", cap: CAP.noImplicitNames, spec: IRCV3 + "no-implicit-names" },
  { name: "draft/pre-away", cap: CAP.preAway, spec: IRCV3 + "pre-away" },
  { name: EVENT_PLAYBACK, cap: CAP.eventPlayback, spec: IRCV3 + "chathistory" },
  { name: MULTILINE, cap: CAP.multiline, spec: IRCV3 + "multiline" },
  { name: MESSAGE_REDACTION, cap: CAP.redaction, spec: IRCV3 + "message-redaction" },
  { name: CHANNEL_RENAME, cap: CAP.channelRename, spec: IRCV3 + "channel-rename" },
  { name: METADATA_2, cap: CAP.metadata2, spec: IRCV3 + "metadata" },
  { name: METADATA_3, cap: CAP.metadata3, spec: IRCV3 + "metadata" },
  { name: WHOAMI, cap: CAP.whoami, spec: IRCV3 + "whoami" },
  { name: READ_MARKER, cap: CAP.readMarker, spec: IRCV3 + "read-marker" },
  {
    name: SOJU_SEARCH,
    cap: CAP.search,
    spec: "https://codeberg.org/emersion/soju/src/branch/master/doc/ext/search.md",
  },
  {
    name: SEARCH,
    cap: CAP.draftSearch,
    spec: "https://github.com/ircv3/ircv3-specifications/pull/496",
  },
  { name: "cap-notify", cap: CAP.capNotify, spec: IRCV3 + "capability-negotiation" },
  { name: SEQ_TAG, cap: CAP.seq, spec: VENDOR_SPEC + "seq.md" },
  { name: CLAIM_CAPABILITY, cap: CAP.claim, spec: VENDOR_SPEC + "claim.md" },
  { name: OBSERVER_CAPABILITY, cap: CAP.observer, spec: VENDOR_SPEC + "observer.md" },
  { name: ASK_CAPABILITY, cap: CAP.ask, spec: VENDOR_SPEC + "ask.md" },
  { name: ONCALL_CAPABILITY, cap: CAP.oncall, spec: VENDOR_SPEC + "oncall.md" },
  { name: RECEIPTS, cap: CAP.receipts, spec: VENDOR_SPEC + "receipts.md" },
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

/** Names of the capabilities in `caps`, as CAP LIST shows them. */
export function formatCapList(caps: CapSet): string[] {
  return CAPABILITIES.filter(({ cap }) => caps.has(cap)).map(({ name }) => name);
}
