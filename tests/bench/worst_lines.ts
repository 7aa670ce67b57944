/**
 * The line of each verb that costs the most, in a state that is as large as the limits let it be: 10,000 channels, 20,000 users,
 * a ring of 64 MiB that has gone round. `worst_line_bench.ts` measures them; a test holds the list against the verbs.
 */
import { CapSet } from "../../lib/irc/cap_set.ts";
import { CAP } from "../../lib/irc/capabilities.ts";
import { createAccount } from "../../lib/hub/services/accounts/accounts.ts";
import { MAX_TOKENS_PER_ACCOUNT } from "../../lib/hub/services/accounts/account_tokens.ts";
import { MAX_ESCALATION_LISTS } from "../../lib/hub/services/oncall/escalation_lists.ts";
import { MAX_PAGES } from "../../lib/hub/services/oncall/pages.ts";
import { MAX_ESCALATION_STEPS, MAX_PAGE_BYTES, MAX_STEP_ACCOUNTS } from "../../lib/irc/oncall.ts";
import { MAX_SCHEDULED_PER_ACCOUNT } from "../../lib/hub/services/scheduled_messages.ts";
import { MAX_QUESTION_BYTES, MAX_QUESTION_MS } from "../../lib/irc/question.ts";
import { MAX_QUESTIONS } from "../../lib/hub/services/questions.ts";
import { MAX_KEY_PARCELS } from "../../lib/hub/services/accounts/key_parcels.ts";
import { writable } from "../../lib/hub/apply/writable.ts";
import { writableLog } from "../../lib/hub/model/mutable_conversation_log.ts";
import { encodeEvent } from "../../lib/hub/log/event_codec.ts";
import { Hub } from "../../lib/hub/hub.ts";
import type { Job } from "../../lib/hub/model/state/async_job.ts";
import type { SavedFact } from "../../lib/log/fact.ts";
import { LARGE_CHANNEL_MEMBERS } from "../../lib/hub/model/config.ts";
import type { HubConfig } from "../../lib/hub/model/config.ts";
import { LIST_LETTERS, MAX_LIST_MASKS, UNANNOUNCED } from "../../lib/hub/model/channel_modes.ts";
import type { Session, User } from "../../lib/hub/model/state/entities.ts";
import { Ring } from "../../lib/log/ring.ts";
import { TEST_CONFIG } from "../support/hub.ts";

const NOW = 1_700_000_000_000;
const USERS = 20_000;
const CHANNELS = 10_000;
/** Channels with full lists; a user may be in all of them. */
const MASKED_CHANNELS = 100;
/** Channels of many members; a user may be in all of them. */
const PEOPLED_CHANNELS = 100;
const PEOPLED_MEMBERS = 1000;
const BIG_MEMBERS = 5000;
/** All of them have clients that know nothing of renaming. */
const RENAMED_MEMBERS = 500;
/** Names of ten letters of three bytes each, which have to be folded. */
const LETTERS = Array.from("ႠႡႢႣႤႥႦႧႨႩႪႫႬႭႮႯ");
const ALL = CapSet.of(...Object.values(CAP));
const KNOWN = CapSet.of(
  CAP.messageTags,
  CAP.serverTime,
  CAP.accountTag,
  CAP.batch,
  CAP.awayNotify,
  CAP.accountNotify,
  CAP.setname,
  CAP.multiPrefix,
  CAP.extendedMonitor,
  CAP.metadata,
  CAP.redaction,
  CAP.inviteNotify,
);

const NO_CREDENTIALS = {
  salt: new Uint8Array(32),
  iterations: 1,
  storedKey: new Uint8Array(32),
  serverKey: new Uint8Array(32),
};

/** A mask that nearly fits many sources, in many places. */
function badMask(nth: number): string {
  return `*${"a?".repeat(12)}b*!*${"a?".repeat(6)}*@*.${nth}.*`;
}

/** No two channels have a mask in common. */
function fullLists(channel: number): SavedFact {
  const name = `#m${channel}`;
  const list = Array.from({ length: MAX_LIST_MASKS }, (_, nth) => {
    const mask = nth === MAX_LIST_MASKS - 1 ? "*!*@*" : badMask(channel * 1000 + nth);
    return [mask, "op!~op@127.0.0.1", NOW];
  });
  const lists = Object.fromEntries(LIST_LETTERS.map((letter) => [letter, list]));
  const value = { name, flags: "i", key: "", limit: 0, lists, operators: [], changedAt: NOW };
  return { kind: "room", key: name, value: JSON.stringify(value), seq: 1 };
}

/** Messages, other events, redactions and renames of one channel, more than the ring holds. */
function fullRing(): Ring {
  const ring = Ring.create(64 * 1024 * 1024);
  const scratch = new Uint8Array(1024);
  const source = "alice!~alice@127.0.0.1";
  const text = "a message of about as many characters as people write to each other";
  const target = { kind: "channel", name: "#deep" } as const;
  const message = { kind: "message", verb: "PRIVMSG", source, target } as const;
  for (let nth = 0, bytes = 0; bytes < ring.capacityBytes * 1.1; nth++) {
    const event = nth % 4 === 1
      ? { kind: "topic", source, channel: "#deep", topic: text } as const
      : nth % 4 === 2
      ? {
        kind: "redact",
        source,
        target,
        from: "~1",
        msgid: "1-testlog",
        reason: text,
      } as const
      : { ...message, text, tags: "", from: "~1", id: undefined };
    const length = encodeEvent(event, scratch);
    ring.append(NOW - 1e9 + nth, scratch, length);
    bytes += length + 24;
  }
  return ring;
}

export class World {
  readonly hub: Hub;
  #nextId = 1;
  /** Those that the lines so far have led to. */
  #jobs: Job[] = [];
  /** The users; those with numbers below that of the largest channel are in it. */
  readonly crowd: Session[] = [];

  constructor() {
    const limits = { channels: CHANNELS + 1000, channelsPerUser: 1000, nickChanges: { count: 1e9, ms: 1 } };
    // Large channels fill without a line to each member for each that comes.
    const config: HubConfig = {
      ...TEST_CONFIG,
      maxClients: 1e6,
      largeChannel: 0,
      opers: new Set(["admin"]),
      limits,
    };
    this.hub = new Hub(config, fullRing());
    const masked = Array.from({ length: MASKED_CHANNELS }, (_, nth) => fullLists(nth));
    this.hub.start(NOW, masked);
    const owner = this.enter("owner");
    for (let nth = 0; nth < MASKED_CHANNELS; nth++) this.say(owner, `JOIN #m${nth}`);
    for (let nth = 0; nth < USERS; nth++) this.crowd.push(this.enter(nickOf(nth), KNOWN));
    for (let nth = 0; nth < BIG_MEMBERS; nth++) this.say(this.crowd[nth]!, "JOIN #big");
    for (let channel = 0; channel < PEOPLED_CHANNELS; channel++) {
      for (let nth = 0; nth < PEOPLED_MEMBERS; nth++) {
        this.say(this.crowd[(channel * 200 + nth) % USERS]!, `JOIN #p${channel}`);
      }
    }
    for (let nth = this.hub.context.state.channels.size; nth < CHANNELS; nth++) {
      this.say(this.crowd[nth]!, `JOIN #${"aa".repeat(15)}${nth}`);
    }
    for (const { user } of this.crowd) this.show(user!);
    this.hub.reconfigure({ largeChannel: LARGE_CHANNEL_MEMBERS });
  }

  /** What `user` does from here on is seen in all of its channels, as if it had said something in each. */
  show(user: User): void {
    for (const [channel, bits] of user.channels) {
      writable(channel).setMember(writable(user), bits & ~UNANNOUNCED);
    }
  }

  /** A registered session. */
  enter(nick: string, caps = CapSet.EMPTY): Session {
    const session = this.hub.open(this.#nextId++, "127.0.0.1", false, NOW)!;
    writable(session).caps = caps;
    for (const line of [`NICK ${nick}`, `USER ${"a".repeat(17)} 0 * :${"a".repeat(150)}`]) {
      this.hub.line(session, line, NOW);
    }
    this.hub.takeEffects();
    return session;
  }

  /** A nick that is used once. */
  name(): string {
    return `user${this.#nextId}`;
  }

  /** A session that has sent nothing yet. */
  open(): Session {
    return this.hub.open(this.#nextId++, "127.0.0.1", false, NOW)!;
  }

  /** `line`, and all that has to be done for it; answers how long each piece of that took, in milliseconds. */
  say(session: Session, line: string): number[] {
    const spans = [this.#timed(() => this.hub.line(session, line, NOW))];
    for (let errands = this.#jobs; errands.length > 0; errands = this.#jobs) {
      this.#jobs = [];
      for (const errand of errands) {
        if (errand.kind === "calendar") continue; // read in another thread
        const go = (errand.kind as string) === "yield" ? (errand as { done(): void }).done : () => {};
        spans.push(this.#timed(() => this.hub.resume(errand.session, go, NOW)));
      }
    }
    return spans;
  }

  #timed(work: () => void): number {
    const before = performance.now();
    work();
    this.#jobs.push(...this.hub.takeEffects().jobs);
    return performance.now() - before;
  }
}

function nickOf(nth: number): string {
  let nick = "";
  for (let rest = nth; nick.length < 10; rest = Math.floor(rest / 16)) nick += LETTERS[rest % 16];
  return nick;
}

/** One line of a verb. */
export interface Row {
  readonly verb: string;
  readonly what: string;
  /** Makes what it needs, once; answers the session and the nth line that it says, before which anything may be done. */
  prepare(world: World): (nth: number) => { session: Session; line: string };
}

const many = (count: number, name: (nth: number) => string, separator = ",") =>
  Array.from({ length: count }, (_, nth) => name(nth)).join(separator);
const masked = (count: number) => many(count, (nth) => `#m${nth}`);
const peopled = (count: number) => many(count, (nth) => `#p${nth}`);
/** Characters that are each folded to eighteen. */
const growing = (count: number) => "\ufdfa".repeat(count);

/** A line that always the same session says; `before` is called before each. */
function same(
  verb: string,
  what: string,
  line: string | ((nth: number) => string),
  setUp: (world: World, session: Session) => void = () => {},
  before: (world: World, session: Session, nth: number) => void = () => {},
): Row {
  return {
    verb,
    what,
    prepare(world) {
      const session = world.enter(world.name(), KNOWN);
      setUp(world, session);
      return (nth) => {
        before(world, session, nth);
        return { session, line: typeof line === "string" ? line : line(nth) };
      };
    },
  };
}

/** A line that a new session says each time, as one that ends it. */
function fresh(
  verb: string,
  what: string,
  line: (nth: number) => string,
  setUp: (world: World, session: Session) => void,
): Row {
  return {
    verb,
    what,
    prepare: (world) => (nth) => {
      const session = world.enter(world.name(), KNOWN);
      setUp(world, session);
      return { session, line: line(nth) };
    },
  };
}

/** A line of a connection that has not registered. */
function newcomer(verb: string, what: string, line: (nth: number) => string, ...first: string[]): Row {
  return {
    verb,
    what,
    prepare: (world) => (nth) => {
      const session = world.open();
      for (const each of first) world.say(session, each);
      return { session, line: line(nth) };
    },
  };
}

const inPeopled = (world: World, session: Session) => {
  for (let nth = 0; nth < PEOPLED_CHANNELS; nth++) world.say(session, `JOIN #p${nth}`);
  world.show(session.user!);
};
/** It is +i, so it is entered before the lists are there: an operator makes channel. */
const inMasked = (world: World, session: Session) => {
  for (let nth = 0; nth < MASKED_CHANNELS; nth++) world.say(session, `JOIN #m${nth}`);
};
/** What was judged of the lists is so no more. */
const changeMasks = (world: World, _session: Session, nth: number) => {
  const owner = world.hub.context.state.user("owner")!.sessions[0]!;
  for (let channel = 0; channel < MASKED_CHANNELS; channel++) {
    world.say(owner, `MODE #m${channel} ${nth % 2 === 0 ? "-" : "+"}e ${badMask(channel * 1000)}`);
  }
};
const operator = (world: World, session: Session) => {
  world.hub.context.commit({ kind: "oper", user: session.user!, oper: true });
};
const capable = (caps: CapSet) => (_world: World, session: Session) => {
  writable(session).caps = caps;
};

export const ROWS: readonly Row[] = [
  same(
    "PRIVMSG",
    "20 rooms with full lists, just changed, from outside",
    `PRIVMSG ${masked(20)} :x`,
    undefined,
    changeMasks,
  ),
  same("PRIVMSG", "20 rooms of 1000", `PRIVMSG ${peopled(20)} :x`),
  same("PRIVMSG", "20 people with names to fold", `PRIVMSG ${many(12, nickOf)} :x`),
  same(
    "NOTICE",
    "20 rooms with full lists, just changed, from outside",
    `NOTICE ${masked(20)} :x`,
    undefined,
    changeMasks,
  ),
  same(
    "TAGMSG",
    "20 rooms with full lists, just changed, from outside",
    `@+x=y TAGMSG ${masked(20)}`,
    undefined,
    changeMasks,
  ),
  same("BATCH", "the end of 100 lines to a room of 1000", "BATCH -r", (_world, session) => {
    writable(session).caps = session.caps.with(CAP.multiline).with(CAP.batch);
  }, (world, session) => {
    world.say(session, "BATCH +r draft/multiline #p0");
    for (let nth = 0; nth < 100; nth++) world.say(session, `@batch=r PRIVMSG #p0 :${"x".repeat(30)}`);
  }),
  newcomer("CAP", "LS", () => "CAP LS 302"),
  same(
    "CAP",
    "REQ in 100 rooms",
    (nth) => `CAP REQ :${nth % 2 ? "-" : ""}server-time ${nth % 2 ? "-" : ""}extended-join`,
    inPeopled,
  ),
  newcomer("PASS", "as long as a line", () => `PASS ${"x".repeat(500)}`),
  newcomer("NICK", "a name to fold, that is refused", () => `NICK ${growing(160)}`),
  same("NICK", "in 100 rooms of 1000", (nth) => `NICK wide${nth % 2}`, inPeopled),
  same(
    "NICK",
    "in 100 rooms with full lists, just changed",
    (nth) => `NICK listed${nth % 2}`,
    inMasked,
    changeMasks,
  ),
  newcomer(
    "USER",
    "the last of registration",
    () => `USER ${"x".repeat(200)} 0 * :${growing(60)}`,
    "NICK newcomer",
  ),
  {
    verb: "USER",
    what: "a further session of a user in 100 rooms of 1000",
    prepare(world) {
      const user = world.enter("shared", KNOWN);
      writable(user.user!).owner = "claimed";
      inPeopled(world, user);
      return () => {
        const session = world.open();
        const { phase } = session;
        if (phase.kind === "registering") phase.owner = "claimed";
        world.say(session, "NICK shared");
        return { session, line: "USER u 0 * :r" };
      };
    },
  },
  newcomer("CLAIM", "a key", () => `CLAIM ${"x".repeat(43)}`, "CAP REQ chatterbox.chat/claim"),
  newcomer(
    "AUTHENTICATE",
    "a PLAIN that is none",
    () => `AUTHENTICATE ${"x".repeat(400)}`,
    "CAP REQ sasl",
    "AUTHENTICATE PLAIN",
  ),
  fresh("REGISTER", "until it is hashed", () => "REGISTER * * passphrase99y", (_world, session) => {
    writable(session).caps = KNOWN.with(CAP.registration);
  }),
  same("PASSWD", "without an account", `PASSWD :${growing(80)}`),
  same("SCHEDULED", "LIST of an account with 50", "SCHEDULED LIST", (world, session) => {
    const made = createAccount("planner", "owner-planner", NOW, NO_CREDENTIALS);
    world.hub.services.accounts.add(made);
    world.hub.context.commit({ kind: "login", session, account: made });
    for (let nth = 0; nth < MAX_SCHEDULED_PER_ACCOUNT; nth++) {
      world.hub.services.scheduledMessages.add({
        owner: made.owner,
        source: "planner!planner@127.0.0.1",
        address: "127.0.0.1",
        verb: "PRIVMSG",
        target: "#big",
        text: "x".repeat(400),
        tags: "",
        senderId: "",
        zone: "Europe/Berlin",
        every: "0 9 * * 1-5",
        createdAt: NOW,
        dueAt: NOW + 1e9 - nth,
      });
    }
  }),
  same("TOKEN", "LIST of an account with 20 tokens", "TOKEN LIST", (world, session) => {
    const made = createAccount("holder", "owner-holder", NOW, NO_CREDENTIALS);
    world.hub.services.accounts.add(made);
    world.hub.context.commit({ kind: "login", session, account: made });
    for (let nth = 0; nth < MAX_TOKENS_PER_ACCOUNT; nth++) {
      const scopes = many(4, (each) => `send:#${each}${"x".repeat(40)}`);
      const wish = { owner: made.owner, scopes, label: "x".repeat(100), createdAt: NOW, expiresAt: 0 };
      world.hub.services.accountTokens.create(wish);
    }
  }),
  same(
    "KEYSHARE",
    "GET beside as many parcels as may be",
    `KEYSHARE GET ${"x".repeat(22)}`,
    ({ hub }, session) => {
      for (let nth = 0; nth < MAX_KEY_PARCELS; nth++) {
        const parcel = {
          id: `${nth}`,
          session,
          owner: `${nth}`,
          content: "x".repeat(256),
          expiresAt: Infinity,
        };
        hub.services.keyParcels.add(parcel);
      }
    },
  ),
  same("UNREGISTER", "an account that there is not", `UNREGISTER ${growing(160)}`),
  same("PING", "as long as a line", `PING ${"x".repeat(500)}`),
  same("PONG", "as long as a line", `PONG ${"x".repeat(500)}`),
  fresh("QUIT", "in 100 rooms of 1000", () => "QUIT :x", inPeopled),
  fresh("QUIT", "in 100 rooms with full lists", () => "QUIT :x", inMasked),
  same("ERROR", "as long as a line", `ERROR ${"x".repeat(500)}`),
  same(
    "JOIN",
    "20 rooms with full lists, just changed",
    `JOIN ${masked(20)}`,
    undefined,
    (world, session, nth) => {
      world.say(session, "JOIN 0");
      changeMasks(world, session, nth);
    },
  ),
  same(
    "JOIN",
    "a room of 5000 with names to fold",
    "JOIN #big",
    undefined,
    (world, session) => world.say(session, "JOIN 0"),
  ),
  same(
    "JOIN",
    "20 rooms of 1000",
    `JOIN ${peopled(20)}`,
    undefined,
    (world, session) => world.say(session, "JOIN 0"),
  ),
  same("JOIN", "0 in 100 rooms of 1000", "JOIN 0", undefined, inPeopled),
  same(
    "PART",
    "20 rooms of 1000",
    `PART ${peopled(20)}`,
    undefined,
    (world, session) => world.say(session, `JOIN ${peopled(20)}`),
  ),
  same(
    "TOPIC",
    "of a room of 5000",
    (nth) => `TOPIC #big :${growing(90)}${nth}`,
    (world, session) => world.say(session, "JOIN #big"),
  ),
  same("NAMES", "20 rooms of 1000, just changed", `NAMES ${peopled(20)}`, undefined, (world) => {
    for (const channel of world.hub.context.state.channels.values()) writable(channel).clearNamesReplies();
  }),
  same("NAMES", "a room of 5000, just changed, half of it invisible", "NAMES #big", (world) => {
    for (const { user } of world.crowd.slice(0, BIG_MEMBERS / 2)) {
      writable(world.hub.context.state).invisible.add(user!);
    }
  }, (world) => writable(world.hub.context.state.channel("#big")!).clearNamesReplies()),
  same("KICK", "20 of a room of 5000", () => `KICK #big ${many(12, nickOf)} :x`, operator, (world) => {
    for (let nth = 0; nth < 12; nth++) world.say(world.crowd[nth]!, "JOIN #big");
  }),
  same(
    "INVITE",
    "to a room of 5000",
    `INVITE ${nickOf(USERS - 1)} #big`,
    (world, session) => world.say(session, "JOIN #big"),
  ),
  {
    verb: "RENAME",
    what: "a room of 500 clients that do not know RENAME",
    prepare(world) {
      const op = world.enter("renames");
      world.say(op, "JOIN #renamed");
      for (let nth = 1; nth < RENAMED_MEMBERS; nth++) world.say(world.crowd[nth + 10_000]!, "JOIN #renamed");
      let name = "#renamed";
      return (nth) => {
        const to = `#renamed${nth}`;
        const line = `RENAME ${name} ${to}`;
        writableLog(world.hub.context.state.channel(name)!.conversation).renamedAt = 0;
        name = to;
        return { session: op, line };
      };
    },
  },
  same(
    "REDACT",
    "a direct message",
    `REDACT owner ${(1e6).toString(36)}-testlog`,
    capable(KNOWN.with(CAP.redaction)),
  ),
  same(
    "REDACT",
    "of a full ring",
    (nth) => `REDACT #deep ${(400_000 + 4 * nth).toString(36)}-testlog`,
    (world, session) => {
      writable(session).caps = KNOWN.with(CAP.redaction);
      operator(world, session);
    },
  ),
  same("NICKSERV", "a command that there is not", `NICKSERV :${"x".repeat(490)}`),
  same("NS", "a command that there is not", `NS :${"x".repeat(490)}`),
  same("OPERSERV", "from a user who is no operator", `OPERSERV :${"x".repeat(490)}`),
  same("HISTSERV", "1000 of a full ring", "HISTSERV #deep 1000", capable(KNOWN)),
  same("HS", "200 of a full ring, in words", "HS #deep 200"),
  fresh("OS", "until it is run", () => "OS accounts", operator),
  same("OPER", "a password to hash", "OPER admin passphrase99y"),
  same("KILL", "one in 100 rooms", (nth) => `KILL victim${nth} :x`, operator, (world, _session, nth) => {
    inPeopled(world, world.enter(`victim${nth}`, KNOWN));
  }),
  same("WALLOPS", "to all operators", `WALLOPS :${"x".repeat(400)}`, operator),
  same(
    "BAN",
    "a name that matches none of 20,000 users",
    (nth) => `BAN name:zz*a?a?a?b*${nth % 1000}`,
    operator,
  ),
  same(
    "MUTE",
    "a name that matches none of 20,000 users",
    (nth) => `MUTE name:zz*a?a?a?b*${nth % 1000}`,
    operator,
  ),
  same(
    "UNBAN",
    "of 1000",
    (nth) => `UNBAN name:yy*${nth}`,
    operator,
    (world, session, nth) => world.say(session, `BAN name:yy*${nth}`),
  ),
  same(
    "UNMUTE",
    "of 1000",
    (nth) => `UNMUTE name:yy*${nth}`,
    operator,
    (world, session, nth) => world.say(session, `MUTE name:yy*${nth}`),
  ),
  same("BANS", "900 of them", "BANS", (world, session) => {
    operator(world, session);
    for (let nth = 0; nth < 900; nth++) world.say(session, `BAN name:zz*a?a?a?b*${nth}`);
  }, undefined),
  fresh("NICK", "with 900 bans", (nth) => `NICK ${nickOf(30_000 + nth)}`, () => {}),
  same(
    "MODE",
    "four masks for a full list",
    (nth) => `MODE #m0 ${nth % 2 ? "+" : "-"}bbbb ${many(4, badMask, " ")}`,
    operator,
  ),
  same(
    "MODE",
    "four masks that grow in folding",
    `MODE #m0 +bbbb ${many(4, () => growing(36), " ")}`,
    operator,
  ),
  same(
    "MODE",
    "four masks for a room of 5000",
    (nth) => `MODE #big ${nth % 2 ? "-" : "+"}bbbb ${many(4, badMask, " ")}`,
    operator,
  ),
  same("MODE", "the lists of a room", "MODE #m0 beI", operator),
  same("AWAY", "in 100 rooms of 1000", (nth) => `AWAY :${nth}${"x".repeat(180)}`, inPeopled),
  same("SETNAME", "in 100 rooms of 1000", (nth) => `SETNAME :${nth}${growing(40)}`, inPeopled),
  same(
    "SETNAME",
    "in 100 rooms with full lists, just changed",
    (nth) => `SETNAME :${nth}`,
    inMasked,
    changeMasks,
  ),
  same("ISON", "100 names to fold", `ISON ${many(80, (nth) => LETTERS[nth % 16]! + "\u0301", " ")}`),
  same("USERHOST", "names to fold", `USERHOST ${many(12, nickOf, " ")}`),
  same("WHO", "everybody", "WHO *"),
  same("WHO", "a mask that nearly fits", `WHO *${"a?".repeat(15)}b*`),
  same("WHO", "a mask that grows in folding", `WHO *${growing(160)}`),
  same("WHO", "a room of 5000, with fields", "WHO #big %tcuihsnfdlaor,123"),
  same(
    "WHOIS",
    "20 of those in 100 rooms",
    `WHOIS ${many(20, () => "wide0")}`,
    (world) => inPeopled(world, world.enter("wide0")),
  ),
  same("WHOWAS", "20 times a name that 1000 had", `WHOWAS ${many(20, () => "was")}`, (world) => {
    const { user } = world.enter("was");
    for (let nth = 0; nth < 1000; nth++) world.hub.services.whowas.addPastName(user!, NOW);
  }),
  same("LIST", "all", "LIST"),
  same("LIST", "masks that nearly fit", `LIST ${many(13, (nth) => `*${"a?".repeat(15)}${nth % 10}b*`)}`),
  same("LIST", "masks that grow in folding", `LIST ${many(20, () => `*${growing(7)}`)}`),
  same(
    "MONITOR",
    "+ names to fold",
    (nth) => `MONITOR + ${many(14, (each) => nickOf(each + nth * 14))}`,
    undefined,
    (world, session) => world.say(session, "MONITOR C"),
  ),
  same(
    "MONITOR",
    "+ names of one letter",
    `MONITOR + ${many(120, (nth) => LETTERS[nth % 16]!.repeat(1 + nth % 2))}`,
    undefined,
    (world, session) => world.say(session, "MONITOR C"),
  ),
  same("MONITOR", "S of 100", "MONITOR S", (world, session) => {
    for (let line = 0; line < 8; line++) {
      world.say(
        session,
        `MONITOR + ${many(14, (nth) => nickOf(nth + line * 14))}`,
      );
    }
  }),
  same("MOTD", "of a server", `MOTD ${growing(160)}`),
  same("LUSERS", "of 20,000", "LUSERS"),
  same("VERSION", "of a server", `VERSION *${growing(150)}`),
  same("ADMIN", "of a server", `ADMIN *${growing(150)}`),
  same("INFO", "of a server", `INFO *${growing(150)}`),
  same("TIME", "of a server", `TIME *${growing(150)}`),
  same("LINKS", "a mask that grows in folding", `LINKS *${growing(150)}`),
  same("STATS", "m", "STATS m"),
  same("ISUPPORT", "", "ISUPPORT"),
  same("INBOX", "", "INBOX"),
  same("NODES", "", "NODES"),
  same("HELP", "", "HELP"),
  same("HELP", "of a subject", `HELP ${growing(150)}`),
  same("HELPOP", "", "HELPOP"),
  same("SUMMON", "", "SUMMON x"),
  same("USERS", "", "USERS"),
  same("CONNECT", "as long as a line", `CONNECT ${growing(150)}`),
  same("SQUIT", "as long as a line", `SQUIT ${growing(150)}`),
  same("VERIFY", "as long as a line", `VERIFY ${growing(120)} x`),
  same("HISTORY", "1000 of a full ring", "HISTORY #deep 1000", capable(KNOWN)),
  same("HISTORY", "200 of a full ring, in words", "HISTORY #deep 200"),
  same(
    "CHATHISTORY",
    "1000 of a full ring, with all events",
    "CHATHISTORY LATEST #deep * 1000",
    capable(ALL.without(CAP.observer)),
  ),
  same(
    "CHATHISTORY",
    "around a time",
    "CHATHISTORY AROUND #deep timestamp=2023-11-10T00:00:00.000Z 1000",
    capable(ALL.without(CAP.observer)),
  ),
  same(
    "CHATHISTORY",
    "after a msgid that is gone",
    "CHATHISTORY AFTER #deep msgid=1-testlog 1000",
    capable(KNOWN.with(CAP.seq)),
  ),
  same(
    "CHATHISTORY",
    "TARGETS of 20,000 talks",
    "CHATHISTORY TARGETS timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z 1000",
    (world, session) => {
      for (let nth = 0; nth < USERS; nth += 12) {
        world.say(session, `PRIVMSG ${many(12, (each) => nickOf((nth + each) % USERS))} :x`);
      }
    },
  ),
  same(
    "SEARCH",
    "a full ring, without a match",
    "SEARCH in=#deep;text=nothing*\\sof\\s-this",
    capable(KNOWN),
  ),
  {
    verb: "FOLLOW",
    what: "everything",
    prepare: (world) => () => {
      const session = world.open();
      writable(session).caps = CapSet.of(CAP.observer);
      for (const line of ["NICK observer", "USER u 0 * :r"]) world.say(session, line);
      return { session, line: "FOLLOW *" };
    },
  },
  {
    verb: "QUIT",
    what: "of an observer of everything",
    prepare: (world) => () => {
      const session = world.open();
      writable(session).caps = CapSet.of(CAP.observer);
      for (const line of ["NICK observer", "USER u 0 * :r", "FOLLOW *"]) world.say(session, line);
      return { session, line: "QUIT" };
    },
  },
  {
    verb: "FOLLOW",
    what: "a room with full lists, closed, 150 times",
    prepare: (world) => () => {
      const session = world.open();
      writable(session).caps = CapSet.of(CAP.observer);
      for (const line of ["NICK observer", "USER u 0 * :r"]) world.say(session, line);
      return { session, line: `FOLLOW ${masked(100)}` };
    },
  },
  same(
    "AWAIT",
    "delivered, of a message that is gone",
    `AWAIT delivered ${(1e6).toString(36)}-testlog`,
    capable(KNOWN.with(CAP.receipts)),
  ),
  same("ASK", "LIST beside as many questions as may be", "ASK LIST", ({ hub }, session) => {
    writable(session).caps = KNOWN.with(CAP.ask);
    hub.context.commit({ kind: "join", source: session.user!.source, channel: "#asked", realname: "" });
    for (let number = 1; number <= MAX_QUESTIONS; number++) {
      hub.services.questions.add({
        number,
        id: `q${number}`,
        owner: `owner-${number}`,
        source: "asker!~asker@localhost",
        site: "192.0.2.1",
        text: "x".repeat(MAX_QUESTION_BYTES),
        options: [],
        rule: "first",
        targets: [{ kind: "room", name: "#asked", owner: "", seq: number }],
        people: undefined,
        until: NOW + MAX_QUESTION_MS,
        answers: [],
        end: undefined,
      }, 1);
    }
  }),
  same("ONCALL", "LISTS beside as many lists as may be", "ONCALL LISTS", ({ hub }, session) => {
    writable(session).caps = KNOWN.with(CAP.oncall);
    writable(session.user!).isServerOperator = true;
    const accounts = Array.from(
      { length: MAX_STEP_ACCOUNTS },
      (_, nth) => ({ name: `a${nth}`, owner: `o${nth}` }),
    );
    const steps = Array.from(
      { length: MAX_ESCALATION_STEPS },
      () => ({ kind: "accounts", accounts, seconds: 60 }) as const,
    );
    for (let nth = 0; nth < MAX_ESCALATION_LISTS; nth++) {
      hub.services.escalationLists.set(`list${nth}`, steps, 0);
    }
  }),
  same("PAGE", "LIST ALL beside as many pages as may be", "PAGE LIST ALL", ({ hub }, session) => {
    writable(session).caps = KNOWN.with(CAP.oncall);
    const account = { name: session.user!.nick, owner: session.user!.owner };
    const steps = Array.from(
      { length: MAX_ESCALATION_STEPS },
      () => ({ kind: "accounts", accounts: [account], seconds: 60 }) as const,
    );
    for (let number = 1; number <= MAX_PAGES; number++) {
      hub.services.pages.add({
        number,
        id: `p${number}`,
        owner: account.owner,
        source: "pager!~pager@localhost",
        site: "192.0.2.1",
        list: "ops",
        steps,
        text: "x".repeat(MAX_PAGE_BYTES),
        openedAt: NOW,
        ringingSince: 0,
        begun: 0,
        stepAt: NOW,
        people: [],
        end: undefined,
      }, 1);
    }
  }),
  same("SERVERSTATS", "", "SERVERSTATS", capable(KNOWN.with(CAP.receipts))),
  same("MARKREAD", "of a room", (nth) => `MARKREAD #big timestamp=2023-11-1${nth % 10}T00:00:00.000Z`),
  same(
    "METADATA",
    "SUB 10 keys in 100 rooms of 1000",
    `METADATA * SUB ${many(20, (nth) => `key${nth}`, " ")}`,
    (world, session) => {
      inPeopled(world, session);
      for (const each of world.crowd.slice(0, 2000)) world.say(each, "METADATA * SET key1 value");
    },
    (world, session) => world.say(session, `METADATA * UNSUB ${many(20, (nth) => `key${nth}`, " ")}`),
  ),
  same(
    "METADATA",
    "SET in 100 rooms of 1000",
    (nth) => `METADATA * SET key1 :${nth}${"x".repeat(200)}`,
    inPeopled,
  ),
  same("METADATA", "SYNC of a room of 1000", "METADATA #p0 SYNC", (world, session) => {
    world.say(session, "JOIN #p0");
    world.say(session, "METADATA * SUB key1");
  }),
  same("METADATA", "SYNC of all of 100 rooms of 1000", "METADATA *ALL SYNC", (world, session) => {
    inPeopled(world, session);
    writable(session).caps = session.caps.union(CapSet.of(CAP.metadata, CAP.metadata3, CAP.batch));
    world.say(session, "METADATA * SUB key1");
  }),
];
