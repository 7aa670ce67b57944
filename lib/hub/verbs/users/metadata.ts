/**
 * METADATA (https://ircv3.net/specs/extensions/metadata): `METADATA <target> <subcommand> {<parameter>}`. Replies use
 * the codes of draft/metadata-2 or of draft/metadata-3.
 */
import { CAP } from "../../../irc/capabilities.ts";
import { METADATA_2 } from "../../../irc/capability_names.ts";
import { utf8Length } from "../../../base/bytes.ts";
import {
  ERR_METADATASYNCLATER,
  RPL_METADATASUBOK,
  RPL_METADATASUBS,
  RPL_METADATAUNSUBOK,
} from "../../../irc/numerics.ts";
import type { Message } from "../../../irc/message.ts";
import { KEEP_KEY, REPLAY_KEY } from "../../../irc/vendor_extensions.ts";
import type { HubContext, Services } from "../../context.ts";
import {
  isMetadataKey,
  MAX_METADATA_KEYS,
  MAX_METADATA_LINES,
  MAX_METADATA_SUBS,
  MAX_METADATA_VALUE_BYTES,
} from "../../services/metadata.ts";
import { KEEP_FAULT, parseKeepTime } from "../../../irc/keep_time.ts";
import type { MetadataSubject } from "../../services/metadata.ts";
import {
  ALL_KEYS_TARGET,
  fanOutMetadata,
  findSubject,
  formatMetadata,
  metadataLinesOfMany,
  sendBatch,
  sendMetadata,
  subjectName,
  usesMetadata3,
} from "../../fanout/metadata_replies.ts";
import type { WorkSteps } from "../../model/work_steps.ts";
import { toSafeParam } from "../../output/safe_param.ts";
import { MAX_REPLAY_MESSAGES, parseReplay } from "../../policy/replay_limit.ts";
import { isChannelOperator, muteRefusal } from "../../policy/channel_access.ts";
import { isChannel } from "../../model/state/entities.ts";
import type { Channel, Session, User } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import { frameWords } from "../../output/framed_params.ts";
import type { Param } from "../../output/framed_params.ts";

/** Members of a channel that are scanned in about the time of one line (work_steps.ts). */
const MEMBERS_PER_UNIT = 10;

interface MetadataRequest {
  readonly context: HubContext;
  readonly services: Services;
  readonly session: Session;
  readonly user: User;
  /** The target as the client named it, safe as a middle parameter. */
  readonly asked: string;
  /** The target as the server names it. */
  readonly target: string;
  readonly subject: MetadataSubject;
  readonly params: readonly string[];
}

interface MetadataSubcommand {
  readonly run: (request: MetadataRequest) => void;
  /** Minimum of parameters in draft/metadata-3. */
  readonly min: number;
  /** draft/metadata-3: the target must be the session's own user. */
  readonly own?: boolean;
}

/** The subcommands by name, in lower case like keys. */
const SUBCOMMANDS: Readonly<Record<string, MetadataSubcommand>> = {
  get: { run: getMetadata, min: 1 },
  list: { run: listMetadata, min: 0 },
  set: { run: setMetadata, min: 1 },
  clear: { run: clearMetadata, min: 0 },
  sub: { run: subscribe, min: 1, own: true },
  unsub: { run: unsubscribe, min: 1, own: true },
  subs: { run: listSubscriptions, min: 0, own: true },
  sync: { run: syncMetadata, min: 0 },
};

function metadata(
  context: HubContext,
  services: Services,
  session: Session,
  message: Message,
  user: User,
): void {
  const [name = "", given = "", ...params] = message.params;
  const third = usesMetadata3(session);
  const fail = (code: string, about: readonly Param[], text: string) =>
    context.fail(session, "METADATA", code, about, text);
  if (!session.caps.has(CAP.metadata)) return fail("NEED_CAPABILITY", [], `Request ${METADATA_2} first`);
  const verb = given.toLowerCase();
  const subcommand = Object.hasOwn(SUBCOMMANDS, verb) ? SUBCOMMANDS[verb]! : undefined;
  if (subcommand === undefined) {
    return fail(third ? "INVALID_PARAMS" : "SUBCOMMAND_INVALID", [given], "Invalid subcommand");
  }
  if (third && params.length < subcommand.min) {
    return fail("INVALID_PARAMS", [verb.toUpperCase()], "Not enough parameters");
  }
  if (third && verb === "sync" && name === ALL_KEYS_TARGET) {
    return context.runInSteps(
      sendAllSubscribed(context, services, session, user, services.metadata.subscriptions(session)),
    );
  }
  const subject = findSubject(context, services, session, name);
  if (subject === undefined || third && subcommand.own === true && subject !== user) {
    return fail(third ? "INVALID_TARGET" : "TARGET_INVALID", [name], "Invalid metadata target");
  }
  const target = name === "*" ? user.nick : subjectName(subject);
  subcommand.run({ context, services, session, user, asked: toSafeParam(name), target, subject, params });
}

/** A standard reply. `code` and `about` are those of draft/metadata-3, the `second` ones those of draft/metadata-2. */
function formatRefusal(
  { context, session }: MetadataRequest,
  kind: "FAIL" | "WARN",
  [code, second]: readonly [string, string],
  [about, secondAbout]: readonly [string, string],
  text: string,
): string {
  const third = usesMetadata3(session);
  const words = third ? `${kind} METADATA ${code} ${about}` : `FAIL METADATA ${second} ${secondAbout}`;
  return `:${context.config.serverName} ${words.trimEnd()} :${text}`;
}

/** `kind` is that of draft/metadata-3, where the other keys are still processed after a WARN. */
function rejectKey(request: MetadataRequest, kind: "FAIL" | "WARN", given: string): string {
  const key = toSafeParam(given);
  return formatRefusal(request, kind, ["INVALID_KEY", "KEY_INVALID"], [key, key], "Invalid key");
}

/** `GET <key> {<key>}`: "for every key in order". */
function getMetadata(request: MetadataRequest): void {
  const { context, services, session, target, subject, params } = request;
  const values = services.metadata.of(subject);
  const lines = params.map((given) => {
    const key = given.toLowerCase();
    if (!isMetadataKey(key)) return rejectKey(request, "WARN", given);
    return formatMetadata(context, session, target, key, values.get(key));
  });
  sendMetadata(context, session, target, lines);
}

function listMetadata({ context, services, session, target, subject }: MetadataRequest): void {
  const lines = [...services.metadata.of(subject)].map(([key, value]) =>
    formatMetadata(context, session, target, key, value)
  );
  sendMetadata(context, session, target, lines);
}

/** `SET <key> [:<value>]` */
function setMetadata(request: MetadataRequest): void {
  const { context, services, session, user, asked, target, subject, params: [given = "", value] } = request;
  const key = given.toLowerCase();
  if (!isMetadataKey(key)) return context.send(session, rejectKey(request, "FAIL", given));
  if (!maySetMetadata(request)) return rejectMetadataPermission(request, key);
  const owner = subject as User | Channel;
  if (value === undefined || value === "") {
    const had = services.metadata.of(owner).has(key);
    if (had) services.metadata.set(owner, key, undefined);
    if (had) fanOutMetadata(context, services, owner, key, undefined, user.source, session);
    return context.send(session, formatMetadata(context, session, target, key, undefined));
  }
  const words = valueFault(key, value);
  if (words !== undefined) {
    return context.send(
      session,
      formatRefusal(request, "FAIL", ["INVALID_VALUE", "VALUE_INVALID"], [key, ""], words),
    );
  }
  if (services.metadata.of(owner).get(key) !== value) {
    if (!services.metadata.set(owner, key, value)) {
      const isFull = services.metadata.of(owner).size >= MAX_METADATA_KEYS;
      const words = isFull
        ? `A target has at most ${MAX_METADATA_KEYS} keys`
        : "The server has reached its limit of stored metadata";
      const contexts = [`SET ${asked} ${MAX_METADATA_KEYS}`, target] as const;
      return context.send(
        session,
        formatRefusal(request, "FAIL", ["LIMIT_REACHED", "LIMIT_REACHED"], contexts, words),
      );
    }
    fanOutMetadata(context, services, owner, key, value, user.source, session);
  }
  context.send(session, formatMetadata(context, session, target, key, value));
}

/** The reason why `key` cannot have `value`, as text; undefined if it can. */
function valueFault(key: string, value: string): string | undefined {
  if (utf8Length(value) > MAX_METADATA_VALUE_BYTES) {
    return `A value has at most ${MAX_METADATA_VALUE_BYTES} bytes`;
  }
  if (key === KEEP_KEY && parseKeepTime(value) === undefined) return KEEP_FAULT;
  const isWrong = key === REPLAY_KEY && parseReplay(value) === undefined;
  return isWrong ? `The value must be a number up to ${MAX_REPLAY_MESSAGES}, or off` : undefined;
}

/** Users may set their own metadata, and that of channels they operate. Not while muted: values are a way to speak. */
function maySetMetadata({ context, user, subject }: MetadataRequest): boolean {
  if (muteRefusal(context, user) !== undefined) return false;
  return subject === user || isChannel(subject) && isChannelOperator(user, subject);
}

function rejectMetadataPermission(
  { context, session, target }: MetadataRequest,
  key: string,
): void {
  context.fail(session, "METADATA", "KEY_NO_PERMISSION", [target, key], "Permission denied");
}

/** Each removed key is reported with its last value (761) in draft/metadata-2, and with 766 in draft/metadata-3. */
function clearMetadata(request: MetadataRequest): void {
  const { context, services, session, user, target, subject } = request;
  if (!maySetMetadata(request)) return rejectMetadataPermission(request, "*");
  const owner = subject as User | Channel;
  const lines: string[] = [];
  for (const [key, value] of [...services.metadata.of(owner)]) {
    services.metadata.set(owner, key, undefined);
    fanOutMetadata(context, services, owner, key, undefined, user.source, session);
    lines.push(formatMetadata(context, session, target, key, usesMetadata3(session) ? undefined : value));
  }
  sendMetadata(context, session, target, lines);
}

/** `SUB <key> {<key>}`: "The server MUST process each key in order". One line per key: long keys are not truncated. */
function subscribe(request: MetadataRequest): void {
  const { context, services, session, user, params } = request;
  const fresh = new Set<string>();
  for (const given of params) {
    const key = given.toLowerCase();
    if (!isMetadataKey(key)) {
      context.send(session, rejectKey(request, "WARN", given));
      continue;
    }
    const known = services.metadata.subscriptions(session).has(key);
    if (!services.metadata.subscribe(session, key)) {
      const words = `At most ${MAX_METADATA_SUBS} subscriptions`;
      const contexts = [`SUB ${key} ${MAX_METADATA_SUBS}`, key] as const;
      context.send(
        session,
        formatRefusal(request, "FAIL", ["LIMIT_REACHED", "TOO_MANY_SUBS"], contexts, words),
      );
      break;
    }
    context.numericFramed(session, RPL_METADATASUBOK, frameWords(key));
    if (!known) fresh.add(key);
  }
  if (fresh.size === 0) return;
  // "When subscribing to a key, clients SHOULD receive the current value of that key for channels/users they are receiving updates for."
  context.runInSteps(
    usesMetadata3(session)
      ? sendAllSubscribed(context, services, session, user, fresh)
      : sendNewSubscriptions(context, services, session, user, fresh),
  );
}

/** Sends a batch for the user and one for each channel; empty batches are omitted. */
function* sendNewSubscriptions(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  fresh: ReadonlySet<string>,
): WorkSteps {
  for (const subject of [user, ...session.channels.keys()]) {
    if (session.closeReason !== undefined) return;
    if (isChannel(subject) && !session.channels.has(subject)) continue; // left meanwhile
    const lines = metadataLinesOfMany(context, services, session, subject, fresh);
    if (lines.length > 0) sendMetadata(context, session, subjectName(subject), lines);
    yield metadataUnits(subject, lines);
  }
}

/**
 * draft/metadata-3: sends the metadata of all subjects that `session` gets updates for, each user once, in one batch.
 * Once the batch has MAX_METADATA_LINES, which the last subject may exceed, each further subject is named in a 774,
 * to be synced separately.
 */
function* sendAllSubscribed(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  keys: ReadonlySet<string>,
): WorkSteps {
  const told = new Set<User>([user]);
  const watched = [...services.monitors.watched(session)].flatMap((nick) => context.state.user(nick) ?? []);
  const all: string[] = [];
  const later: string[] = [];
  for (const subject of [user, ...session.channels.keys(), ...watched]) {
    if (session.closeReason !== undefined) return;
    if (isChannel(subject) && !session.channels.has(subject)) continue; // left meanwhile
    if (!isChannel(subject) && subject !== user && told.has(subject)) continue;
    if (all.length >= MAX_METADATA_LINES) {
      later.push(subjectName(subject));
      continue;
    }
    const lines = metadataLinesOfMany(context, services, session, subject, keys, told);
    all.push(...lines);
    yield metadataUnits(subject, lines);
  }
  sendMetadata(context, session, ALL_KEYS_TARGET, all);
  for (const name of later) {
    context.numeric(session, ERR_METADATASYNCLATER, name, "0", "Too much for now: use METADATA SYNC");
  }
}

function metadataUnits(subject: User | Channel, lines: readonly string[]): number {
  const looked = isChannel(subject) ? Math.min(subject.members.size, MAX_METADATA_LINES) : 1;
  return lines.length + looked / MEMBERS_PER_UNIT;
}

function unsubscribe(request: MetadataRequest): void {
  const { context, services, session, params } = request;
  for (const given of params) {
    const key = given.toLowerCase();
    if (!isMetadataKey(key)) {
      context.send(session, rejectKey(request, "WARN", given));
      continue;
    }
    services.metadata.unsubscribe(session, key);
    context.numericFramed(session, RPL_METADATAUNSUBOK, frameWords(key));
  }
}

function listSubscriptions({ context, services, session, user }: MetadataRequest): void {
  const keys = [...services.metadata.subscriptions(session)];
  if (!usesMetadata3(session)) {
    return keys.forEach((key) => context.numericFramed(session, RPL_METADATASUBS, frameWords(key)));
  }
  const lines = keys.map((key) => `:${context.config.serverName} ${RPL_METADATASUBS} ${user.nick} ${key}`);
  sendBatch(context, session, "metadata-subs", lines);
}

function syncMetadata({ context, services, session, target, subject }: MetadataRequest): void {
  const keys = services.metadata.subscriptions(session);
  sendMetadata(
    context,
    session,
    target,
    metadataLinesOfMany(context, services, session, subject, keys),
  );
}

export const METADATA_VERBS: VerbTable = {
  METADATA: { min: 2, who: "user", run: metadata },
};
