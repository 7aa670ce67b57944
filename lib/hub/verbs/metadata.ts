/** METADATA (https://ircv3.net/specs/extensions/metadata): `METADATA <target> <subcommand> {<parameter>}`. */
import { utf8Length } from "../../base/bytes.ts";
import { CAP, METADATA } from "../../irc/caps.ts";
import {
  RPL_KEYNOTSET,
  RPL_KEYVALUE,
  RPL_METADATASUBOK,
  RPL_METADATASUBS,
  RPL_METADATAUNSUBOK,
} from "../../irc/numerics.ts";
import type { Message } from "../../irc/message.ts";
import type { Hub } from "../hub.ts";
import {
  isMetadataKey,
  MAX_METADATA_KEYS,
  MAX_METADATA_LINES,
  MAX_METADATA_SUBS,
  MAX_METADATA_VALUE_BYTES,
  metadataLines,
  nameOf,
  sayMetadata,
  subjectCalled,
  tellMetadata,
} from "../metadata.ts";
import type { Subject } from "../metadata.ts";
import type { Steps } from "../pieces.ts";
import { quoted } from "../quote.ts";
import { runs, whyMuted } from "../room_access.ts";
import { Room } from "../state.ts";
import type { Session, User } from "../state.ts";
import type { VerbTable } from "../verb.ts";

/** Members of a room that are looked through in about the time of one line (pieces.ts). */
const MEMBERS_PER_UNIT = 10;

interface Request {
  readonly hub: Hub;
  readonly session: Session;
  readonly user: User;
  /** As the client has named it. */
  readonly target: string;
  readonly subject: Subject;
  readonly params: readonly string[];
  readonly fail: (code: string, context: string, text: string) => void;
}

/** In lower case, as keys are. */
const SUBCOMMANDS: Readonly<Record<string, (request: Request) => void>> = {
  get,
  list,
  set,
  clear,
  sub,
  unsub,
  subs,
  sync,
};

function metadata(hub: Hub, session: Session, message: Message, user: User): void {
  const [name = "", subcommand = "", ...params] = message.params;
  const fail = (code: string, context: string, text: string) =>
    hub.fail(session, "METADATA", code, context, text);
  if (!(session.caps & CAP.metadata)) return fail("NEED_CAPABILITY", "", `Request ${METADATA} first`);
  const verb = subcommand.toLowerCase();
  if (!Object.hasOwn(SUBCOMMANDS, verb)) {
    return fail("SUBCOMMAND_INVALID", quoted(subcommand), "Invalid subcommand");
  }
  const subject = subjectCalled(hub, session, name);
  if (subject === undefined) return fail("TARGET_INVALID", quoted(name), "Invalid metadata target");
  const target = name === "*" ? user.nick : nameOf(subject);
  SUBCOMMANDS[verb]!({ hub, session, user, target, subject, params, fail });
}

/** `GET <key> {<key>}`: "for every key in order". */
function get({ hub, session, target, subject, params }: Request): void {
  const values = hub.metadata.of(subject);
  const { serverName } = hub.config;
  const nick = session.user!.nick;
  const lines = params.map((given) => {
    const key = given.toLowerCase();
    if (!isMetadataKey(key)) return `:${serverName} FAIL METADATA KEY_INVALID ${quoted(given)} :Invalid key`;
    const value = values.get(key);
    return value === undefined
      ? `:${serverName} ${RPL_KEYNOTSET} ${nick} ${target} ${key} :key not set`
      : `:${serverName} ${RPL_KEYVALUE} ${nick} ${target} ${key} * :${value}`;
  });
  sayMetadata(hub, session, target, lines);
}

function list({ hub, session, target, subject }: Request): void {
  const lines = [...hub.metadata.of(subject)].map(([key, value]) =>
    `:${hub.config.serverName} ${RPL_KEYVALUE} ${session.user!.nick} ${target} ${key} * :${value}`
  );
  sayMetadata(hub, session, target, lines);
}

/** `SET <key> [:<value>]` */
function set(request: Request): void {
  const { hub, session, user, target, subject, params: [given = "", value], fail } = request;
  const key = given.toLowerCase();
  if (!isMetadataKey(key)) return fail("KEY_INVALID", quoted(given), "Invalid key");
  if (!maySet(request)) return fail("KEY_NO_PERMISSION", `${target} ${key}`, "Permission denied");
  const owner = subject as User | Room;
  if (value === undefined || value === "") {
    const notSet = () => hub.numeric(session, RPL_KEYNOTSET, `${target} ${key} :key not set`);
    if (!hub.metadata.of(owner).has(key)) return notSet();
    hub.metadata.set(hub, owner, key, undefined);
    tellMetadata(hub, owner, key, undefined, user.source, session);
    return notSet();
  }
  if (utf8Length(value) > MAX_METADATA_VALUE_BYTES) {
    return fail("VALUE_INVALID", "", `A value has at most ${MAX_METADATA_VALUE_BYTES} bytes`);
  }
  if (hub.metadata.of(owner).get(key) !== value) {
    if (!hub.metadata.set(hub, owner, key, value)) {
      const isFull = hub.metadata.of(owner).size >= MAX_METADATA_KEYS;
      const words = isFull
        ? `There are at most ${MAX_METADATA_KEYS} keys`
        : "The server keeps as much of it as it can";
      return fail("LIMIT_REACHED", target, words);
    }
    tellMetadata(hub, owner, key, value, user.source, session);
  }
  hub.numeric(session, RPL_KEYVALUE, `${target} ${key} * :${value}`);
}

/** On oneself, and on rooms that one runs; who is muted would else speak by it. */
function maySet({ hub, user, subject }: Request): boolean {
  if (whyMuted(hub, user) !== undefined) return false;
  return subject === user || subject instanceof Room && runs(user, subject);
}

function clear(request: Request): void {
  const { hub, session, user, target, subject, fail } = request;
  if (!maySet(request)) return fail("KEY_NO_PERMISSION", `${target} *`, "Permission denied");
  const owner = subject as User | Room;
  const lines: string[] = [];
  for (const [key, value] of [...hub.metadata.of(owner)]) {
    hub.metadata.set(hub, owner, key, undefined);
    tellMetadata(hub, owner, key, undefined, user.source, session);
    lines.push(`:${hub.config.serverName} ${RPL_KEYVALUE} ${user.nick} ${target} ${key} * :${value}`);
  }
  sayMetadata(hub, session, target, lines);
}

/** `SUB <key> {<key>}`: "The server MUST process each key in order". A key to a line: none is cut off, however long they are. */
function sub({ hub, session, user, params, fail }: Request): void {
  const fresh = new Set<string>();
  for (const given of params) {
    const key = given.toLowerCase();
    if (!isMetadataKey(key)) {
      fail("KEY_INVALID", quoted(given), "Invalid key");
      continue;
    }
    const known = hub.metadata.subscriptions(session).has(key);
    if (!hub.metadata.subscribe(session, key)) {
      fail("TOO_MANY_SUBS", key, `At most ${MAX_METADATA_SUBS} subscriptions`);
      break;
    }
    hub.numeric(session, RPL_METADATASUBOK, key);
    if (!known) fresh.add(key);
  }
  if (fresh.size === 0) return;
  // "When subscribing to a key, clients SHOULD receive the current value of that key for channels/users they are receiving updates for."
  hub.later(sayFresh(hub, session, user, fresh));
}

function* sayFresh(hub: Hub, session: Session, user: User, fresh: ReadonlySet<string>): Steps {
  for (const subject of [user, ...session.rooms.keys()]) {
    if (session.closing !== undefined) return;
    if (subject instanceof Room && !session.rooms.has(subject)) continue; // left meanwhile
    const lines = metadataLines(hub, subject, user, fresh);
    if (lines.length > 0) sayMetadata(hub, session, nameOf(subject), lines);
    const looked = subject instanceof Room ? Math.min(subject.members.size, MAX_METADATA_LINES) : 1;
    yield lines.length + looked / MEMBERS_PER_UNIT;
  }
}

function unsub({ hub, session, params, fail }: Request): void {
  for (const given of params) {
    const key = given.toLowerCase();
    if (!isMetadataKey(key)) {
      fail("KEY_INVALID", quoted(given), "Invalid key");
      continue;
    }
    hub.metadata.unsubscribe(session, key);
    hub.numeric(session, RPL_METADATAUNSUBOK, key);
  }
}

function subs({ hub, session }: Request): void {
  for (const key of hub.metadata.subscriptions(session)) hub.numeric(session, RPL_METADATASUBS, key);
}

function sync({ hub, session, user, target, subject }: Request): void {
  sayMetadata(hub, session, target, metadataLines(hub, subject, user, hub.metadata.subscriptions(session)));
}

export const METADATA_VERBS: VerbTable = {
  METADATA: { min: 2, who: "user", run: metadata },
};
