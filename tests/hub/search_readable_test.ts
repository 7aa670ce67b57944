/**
 * SEARCH finds what CHATHISTORY shows to the same session, no more and no less: random chats with closed and renamed
 * rooms, bans, redactions, direct messages and accounts that end; the log alone, an archive in plain memory, and SQLite.
 */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import type {
  ArchiveChange,
  ArchiveOrder,
  ArchiveQuery,
  SearchAnswer,
  SearchQuery,
} from "../../lib/log/archive.ts";
import { ArchiveChanges, searchableTextIn } from "../../lib/hub/history/archive_changes.ts";
import { isTemporaryOwner, nickOf } from "../../lib/hub/model/identifiers.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { casefold } from "../../lib/irc/names/casemap.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import { parseSearchAttributes } from "../../lib/irc/search/search_attributes.ts";
import { parseSearchRest } from "../../lib/irc/vendor_extensions.ts";
import { toSequences } from "../../lib/irc/search/search_request.ts";
import { ArchiveReader } from "../../lib/store/archive/archive_reader.ts";
import { ArchiveWriter } from "../../lib/store/archive/archive_writer.ts";
import { Random } from "../irc/property.ts";
import { account, login } from "../support/hub_accounts.ts";
import { TEST_CONFIG, TestHub } from "../support/hub.ts";
import { searchNaively } from "../support/model_search.ts";
import type { NaiveMessage } from "../support/model_search.ts";
import { pureTest, tempDirTest } from "../support/test.ts";
import { ArchiveModel, keyText } from "./archive_model.ts";
import { sayLine } from "./random_chat.ts";

const CAPS = ["batch", "message-tags", "server-time", "soju.im/search", "draft/chathistory", "echo-message"]
  .concat("chatterbox.chat/seq", "draft/message-redaction", "draft/channel-rename");
const NICKS = ["alice", "bob", "carol", "dave"];
/** Those of NICKS that have accounts. */
const ACCOUNTS = ["alice", "bob"];
const ROOMS = ["#tea", "#milk", "#sugar", "#lobby"];
const WORDS = ["deploy", "deployed", "went", "wrong", "fine", "https://a.example/fine"];

/** An archive of some kind. */
interface Archive {
  readonly cursor: number;
  apply(changes: readonly ArchiveChange[], cursor: number): void;
  search(query: SearchQuery): SearchAnswer;
  members(): Iterable<readonly [string, readonly { folded: string; name: string }[]]>;
  payloadOf(seq: number): Uint8Array | undefined;
}

class PlainArchive implements Archive {
  readonly #model = new ArchiveModel();
  readonly #times = new Map<number, number>();
  cursor = 1;

  apply(changes: readonly ArchiveChange[], cursor: number): void {
    for (const change of changes) {
      if (change.kind === "add") this.#times.set(change.record.seq, change.record.time);
      this.#model.apply(change);
    }
    this.cursor = cursor;
  }

  search(query: SearchQuery): SearchAnswer {
    const keys = new Map([
      ...query.conversations.map((key) => [keyText(key), key] as const),
      ...[...this.#model.conversations].filter(([text]) => text.startsWith(`direct ${query.owner} `)).map((
        [text, { name }],
      ) => [text, { kind: "direct", owner: query.owner!, name: casefold(name) }] as const),
    ]);
    const found = [...keys].flatMap(([text, conversation]) => {
      const { name, entries } = this.#model.conversations.get(text) ??
        { name: "", entries: new Map<number, string>() };
      return [...entries.keys()].filter((seq) => this.#model.texts.has(seq)).map((seq) => {
        const payload = this.payloadOf(seq)!;
        return {
          seq,
          time: this.#times.get(seq)!,
          payload,
          conversation,
          name,
          ...searchableTextIn(payload)!,
        };
      });
    });
    // A message to another nick of one's own is in two conversations.
    const once = [...new Map(found.map((each) => [each.seq, each])).values()];
    const hits = searchNaively(once, query).slice(0, query.limit);
    const unknown = query.conversations.filter((key) =>
      key.kind === "channel" && !this.#model.conversations.has(keyText(key))
    ).map(({ name }) => name);
    return { kind: "search", hits, isComplete: true, searchedFrom: 0, unknown };
  }

  members() {
    return this.#model.storedMembers();
  }

  payloadOf(seq: number) {
    return this.#model.payloads.get(seq);
  }
}

class SqliteArchive implements Archive {
  readonly #writer: ArchiveWriter;
  readonly #reader: ArchiveReader;

  constructor(path: string) {
    this.#writer = new ArchiveWriter(path, { logId: TEST_CONFIG.logId, readSearchable: searchableTextIn });
    this.#reader = new ArchiveReader(path);
  }

  get cursor() {
    return Math.max(1, this.#writer.cursor);
  }

  apply(changes: readonly ArchiveChange[], cursor: number): void {
    if (cursor > this.cursor) this.#writer.append(changes, cursor);
    else this.#writer.apply(changes);
  }

  search(query: SearchQuery): SearchAnswer {
    const search = this.#reader.search(query);
    while (!search.step());
    return search.answer;
  }

  *members() {
    for (const [nick, channels] of this.#writer.members()) {
      yield [nick, channels.map((folded) => ({ folded, name: folded }))] as const;
    }
  }

  payloadOf(seq: number) {
    return this.#reader.answer({ kind: "record", seq }).record?.payload;
  }

  close(): void {
    this.#reader.close();
    this.#writer.close();
  }
}

/** Has `archive` follow the log of `test` and carry out its orders whenever it is asked. */
function attach(test: TestHub, archive: Archive): void {
  const changes = new ArchiveChanges({
    members: archive.members(),
    payloadOf: (seq) => archive.payloadOf(seq),
  });
  test.archive = (query: ArchiveQuery) => {
    if (query.kind !== "search") return undefined;
    const orders = test.archiveOrders.splice(0);
    const carryOut = () => {
      while (orders.length > 0 && orders[0]!.seq <= archive.cursor) {
        archive.apply(toChange(orders.shift()!), archive.cursor);
      }
    };
    for (carryOut(); archive.cursor < test.log.nextSeq; carryOut()) {
      const record = test.log.read(archive.cursor);
      assert(record.kind === "ok", "the log holds all records");
      archive.apply(changes.changesOf(record), archive.cursor + 1);
    }
    return archive.search(query);
  };
}

function toChange(order: ArchiveOrder): ArchiveChange[] {
  if (order.kind === "keep" || order.kind === "trust") return [];
  if (order.kind === "rename" || order.kind === "redact") return []; // it gets all records
  const { seq: _seq, ...change } = order;
  return [change];
}

class RandomChat {
  readonly test: TestHub;
  readonly #random: Random;
  readonly #sessions: Session[];
  #msgids: string[] = [];

  constructor(test: TestHub, random: Random) {
    this.test = test;
    this.#random = random;
    for (const name of ACCOUNTS) account(test, name);
    this.#sessions = NICKS.map((nick) => this.#enter(nick));
  }

  /** One line of a user; returns the session. */
  async step(): Promise<Session> {
    const at = this.#random.below(NICKS.length);
    if (this.#sessions[at]!.closeReason !== undefined) this.#sessions[at] = this.#enter(NICKS[at]!);
    const session = this.#sessions[at]!;
    sayLine(this.test, session, this.#line());
    await this.test.errands();
    for (const line of this.test.heard(session)) {
      const [, id] = /msgid=([^; ]+).* PRIVMSG /.exec(line) ?? [];
      if (id !== undefined && this.#msgids.at(-1) !== id) this.#msgids.push(id);
    }
    this.test.advance(this.#random.below(20));
    if (this.#random.chance(60)) this.test.advance(100_000); // grace periods
    return session;
  }

  #enter(nick: string): Session {
    const known = this.test.hub.services.accounts.get(nick);
    return known === undefined
      ? this.test.enter(nick, ...CAPS)
      : login(this.test, nick, known, { caps: CAPS });
  }

  #line(): string {
    const random = this.#random;
    const [room, nick] = [random.pick(ROOMS), random.pick(NICKS)];
    const text = Array.from({ length: 1 + random.below(4) }, () => random.pick(WORDS)).join(" ");
    return random.pick([
      () => `PRIVMSG ${room} :${text}`,
      () => `PRIVMSG ${room} :${text}`,
      () => `NOTICE ${room} :${text}`,
      () => `PRIVMSG ${nick} :${text}`,
      () => `PRIVMSG ${nick} :${text}`,
      () => `JOIN ${room}`,
      () => `JOIN ${room}`,
      () => `PART ${room}`,
      () => `MODE ${room} ${random.pick(["+i", "-i", "+s", "-s", `+b ${nick}`, `-b ${nick}`])}`,
      () => `KICK ${room} ${nick}`,
      () => `RENAME ${room} ${random.pick(ROOMS)}`,
      () => `REDACT ${random.pick([room, nick])} ${this.#msgids.at(-1 - random.below(5)) ?? "x"}`,
      () => random.chance(3) ? "QUIT" : `TOPIC ${room} :${text}`,
      () => random.chance(8) ? `UNREGISTER ${nick}` : `NICK ${random.pick([nick, "eve"])}`,
    ])();
  }
}

interface Shown extends NaiveMessage {
  readonly msgid: string;
}

function shownIn(lines: readonly string[]): Shown[] {
  return lines.map((line) => parseMessage(line)!).filter(({ command }) => /^(PRIVMSG|NOTICE)$/.test(command))
    .map((message) => {
      const msgid = message.tags.get("msgid")!;
      return {
        msgid,
        seq: Number.parseInt(msgid, 36),
        time: Date.parse(message.tags.get("time")!),
        from: casefold(nickOf(message.source!)),
        text: message.params[1]!,
      };
    });
}

function ask(test: TestHub, session: Session, line: string): string[] {
  test.heard(session);
  test.say(session, line);
  return test.heard(session);
}

/** What CHATHISTORY shows of `places`, or of all that a search without places covers. */
function readableIn(test: TestHub, session: Session, places: readonly string[]): Shown[] {
  const direct = test.hub.services.history.directConversations.get(session.user!.owner)?.keys() ?? [];
  const names = places.length > 0
    ? places
    : [...Array.from(session.channels.keys(), ({ name }) => name), ...direct];
  const shown = names.flatMap((name) => shownIn(ask(test, session, `CHATHISTORY LATEST ${name} * 1000`)));
  return [...new Map(shown.map((each) => [each.seq, each])).values()];
}

function attributesOf(random: Random, now: number): string {
  const term = () =>
    random.pick([
      "deploy",
      "deploy*",
      "fine",
      '"went\\swrong"',
      '"deployed\\swent"',
      "https://a.example/fine",
    ]);
  const text = [
    ...random.chance(4) ? [] : [term()],
    ...random.chance(3) ? [term()] : [],
    ...random.chance(3) ? [`-${term()}`] : [],
    ...random.chance(5) ? ["has:link"] : [],
  ].join("\\s");
  const time = () => new Date(now - random.below(3000)).toISOString();
  return [
    `text=${text}`,
    `limit=${1 + random.below(8)}`,
    ...random.chance(2)
      ? [`in=${random.pick(ROOMS)}${random.chance(2) ? `,${random.pick([...ROOMS, ...NICKS])}` : ""}`]
      : [],
    ...random.chance(3) ? [`from=${random.pick(NICKS)},eve`] : [],
    ...random.chance(5) ? [`after=${time()}`] : [],
    ...random.chance(5) ? [`before=${time()}`] : [],
  ].join(";");
}

/** The first of `places` that is a room which CHATHISTORY does not show. */
function findUnknown(test: TestHub, session: Session, places: readonly string[]): string | undefined {
  return places.find((name) =>
    name.startsWith("#") &&
    ask(test, session, `CHATHISTORY LATEST ${name} * 1`).some((line) => line.includes(" FAIL "))
  );
}

/** All pages of one search, and what they should be. */
async function compare(test: TestHub, session: Session, attributes: string): Promise<number> {
  const page = parseSearchAttributes(attributes, test.now);
  assert("request" in page, attributes);
  const { in: places, terms, excluded, from, hasLink, since, until } = page.request;
  const wanted = searchNaively(readableIn(test, session, places), {
    terms: toSequences(terms),
    excluded: toSequences(excluded),
    from: from.map(casefold),
    hasLink,
    ...since !== undefined && { after: since - 1 },
    ...until !== undefined && { before: until },
  });
  const found: Shown[] = [];
  for (let before = "";;) {
    test.heard(session);
    test.say(session, `SEARCH ${attributes}${before}`);
    await test.errands();
    const lines = test.heard(session);
    const unknown = findUnknown(test, session, places);
    if (unknown !== undefined) {
      assertEquals(lines.length, 1, `${attributes}: ${lines.join("\n")}`);
      assert(lines[0]!.includes(` INVALID_PARAMS in ${unknown} :`), lines[0]!);
      return 0;
    }
    const messages = shownIn(lines);
    assert(messages.length <= page.limit!, "a page is no longer than its limit");
    found.push(...messages.toReversed());
    const next = lines.map((line) => parseSearchRest(parseMessage(line)!)?.before).find((each) =>
      each !== undefined
    );
    if (next === undefined) break;
    before = `;chatterbox.chat/before=${next}`;
  }
  const seqs = (shown: readonly Shown[]) => shown.map(({ seq }) => seq);
  assertEquals(seqs(found), seqs(wanted), `${session.user!.nick}: ${attributes}`);
  assertEquals(found, wanted);
  return found.length;
}

/** A user that is connected when its account ends keeps in the log what the archive forgets. */
function hasWholeHistory({ user }: Session): boolean {
  return user !== undefined && (user.account !== undefined || isTemporaryOwner(user.owner));
}

/** Plays `chats` chats, each with an archive of its own; none: the log is searched. */
async function play(chats: number, makeArchive: ((nth: number) => Archive) | undefined): Promise<void> {
  let found = 0;
  for (let nth = 0; nth < chats; nth++) {
    const seed = Math.floor(Math.random() * 0x1_0000_0000);
    const random = new Random(seed);
    const test = new TestHub({ hasArchive: makeArchive !== undefined });
    if (makeArchive !== undefined) attach(test, makeArchive(nth));
    try {
      const chat = new RandomChat(test, random);
      for (let step = 0; step < 400; step++) {
        const session = await chat.step();
        if (step % 4 > 0 || session.closeReason !== undefined || !hasWholeHistory(session)) continue;
        found += await compare(test, session, attributesOf(random, test.now));
      }
    } catch (cause) {
      throw new Error(`fails with seed ${seed}: ${(cause as Error).message}`, { cause });
    }
  }
  assert(found > 100 * chats, `${found} messages were found`);
}

pureTest("search: what is found is what CHATHISTORY shows, in the log", () => play(10, undefined));

pureTest(
  "search: what is found is what CHATHISTORY shows, in an archive",
  () => play(10, () => new PlainArchive()),
);

tempDirTest("search: what is found is what CHATHISTORY shows, in SQLite", async (dir) => {
  const archives: SqliteArchive[] = [];
  try {
    await play(4, (nth) => {
      archives.push(new SqliteArchive(`${dir}/${nth}.sqlite`));
      return archives.at(-1)!;
    });
  } finally {
    for (const archive of archives) archive.close();
  }
});
