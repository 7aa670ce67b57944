/**
 * The capabilities we offer (https://ircv3.net/specs/extensions/capability-negotiation): one table, one bit
 * each.
 */
import { RECEIPTS, SEQ_TAG, VENDOR_PREFIX } from "./vendor.ts";

/**
 * A session's capabilities are one integer of these bits. The lowest five change how a line to a room looks
 * (which tags and parameters it bears); {@link FORM_MASK} cuts them out, and a message is encoded once for each form in use.
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
} as const;

/** The bits of {@link CAP} that make the form of a line. */
export const FORM_MASK = CAP.messageTags | CAP.serverTime | CAP.seq | CAP.accountTag | CAP.extendedJoin;

/** How many forms {@link FORM_MASK} makes: the length of a table with a place for each. */
export const FORM_COUNT = FORM_MASK + 1;

/** The version of `CAP LS 302`, from which on capabilities have values and cap-notify is implied. */
export const CAP_VERSION_VALUES = 302;

export interface Capability {
  /** As in CAP LS and CAP REQ: case-sensitive. */
  readonly name: string;
  /** One bit of {@link CAP}. */
  readonly bit: number;
  /** The address of its specification. */
  readonly spec: string;
}

/** Their values depend on how the server is set up. */
export const SASL = "sasl";
export const REGISTRATION = "draft/account-registration";
/** How far somebody has read: MARKREAD. */
export const READ_MARKER = "draft/read-marker";
/** CHATHISTORY with what happened besides messages. */
export const EVENT_PLAYBACK = "draft/event-playback";

const IRCV3 = "https://ircv3.net/specs/extensions/";

/** Our own capabilities are documented in ARCHITECTURE.md. */
const VENDOR_SPEC = "ARCHITECTURE.md";

export const CAPABILITIES: readonly Capability[] = [
  { name: "message-tags", bit: CAP.messageTags, spec: IRCV3 + "message-tags" },
  { name: "server-time", bit: CAP.serverTime, spec: IRCV3 + "server-time" },
  { name: "batch", bit: CAP.batch, spec: IRCV3 + "batch" },
  { name: "labeled-response", bit: CAP.labeledResponse, spec: IRCV3 + "labeled-response" },
  { name: "echo-message", bit: CAP.echoMessage, spec: IRCV3 + "echo-message" },
  { name: "multi-prefix", bit: CAP.multiPrefix, spec: IRCV3 + "multi-prefix" },
  { name: "away-notify", bit: CAP.awayNotify, spec: IRCV3 + "away-notify" },
  { name: "account-tag", bit: CAP.accountTag, spec: IRCV3 + "account-tag" },
  { name: "account-notify", bit: CAP.accountNotify, spec: IRCV3 + "account-notify" },
  { name: "extended-join", bit: CAP.extendedJoin, spec: IRCV3 + "extended-join" },
  { name: SASL, bit: CAP.sasl, spec: IRCV3 + "sasl-3.2" },
  { name: REGISTRATION, bit: CAP.registration, spec: IRCV3 + "account-registration" },
  { name: "draft/chathistory", bit: CAP.chathistory, spec: IRCV3 + "chathistory" },
  { name: "draft/pre-away", bit: CAP.preAway, spec: IRCV3 + "pre-away" },
  { name: EVENT_PLAYBACK, bit: CAP.eventPlayback, spec: IRCV3 + "chathistory" },
  { name: READ_MARKER, bit: CAP.readMarker, spec: IRCV3 + "read-marker" },
  { name: "cap-notify", bit: CAP.capNotify, spec: IRCV3 + "capability-negotiation" },
  { name: SEQ_TAG, bit: CAP.seq, spec: VENDOR_SPEC },
  { name: VENDOR_PREFIX + "claim", bit: CAP.claim, spec: VENDOR_SPEC },
  { name: VENDOR_PREFIX + "observer", bit: CAP.observer, spec: VENDOR_SPEC },
  { name: RECEIPTS, bit: CAP.receipts, spec: VENDOR_SPEC },
];

const BY_NAME: ReadonlyMap<string, Capability> = new Map(CAPABILITIES.map((cap) => [cap.name, cap]));

/** The capability called exactly `name`, if it is one of ours. */
export function capByName(name: string): Capability | undefined {
  return BY_NAME.get(name);
}

/**
 * The tokens of CAP LS for a client that speaks `version` (301 where it named none): `name`, or from 302 on, where
 * `values` has one, `name=value`.
 */
export function listCaps(version: number, values: ReadonlyMap<string, string>): string[] {
  return CAPABILITIES.map(({ name }) => {
    const value = version >= CAP_VERSION_VALUES ? values.get(name) : undefined;
    return value === undefined ? name : `${name}=${value}`;
  });
}

/** The names of the capabilities in `bits`, as CAP LIST shows them. */
export function capNames(bits: number): string[] {
  return CAPABILITIES.filter((cap) => (bits & cap.bit) !== 0).map((cap) => cap.name);
}
