/** History that the log no longer holds is read from the archive, as if the log held it. */
import { assert } from "../../lib/base/assert.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import { forAll } from "../irc/property.ts";
import type { Random } from "../irc/property.ts";
import { ModelArchive } from "../support/model_archive.ts";
import { pureTest, tempDirTest } from "../support/test.ts";
import { FORMER_NAME_MS, RENAME_INTERVAL_MS } from "../../lib/hub/model/config.ts";
import { HubPair } from "./hub_pair.ts";
import type { FollowingArchive } from "./hub_pair.ts";
import { SqliteArchive } from "./sqlite_archive.ts";

const READER = [
  "batch",
  "server-time",
  "message-tags",
  "draft/chathistory",
  "draft/message-redaction",
  "draft/channel-rename",
  "chatterbox.chat/seq",
];
const PLAYER = [...READER, "draft/event-playback"];
/** Cannot ask for history, and has it replayed. */
const PLAIN = ["batch", "server-time", "message-tags", "chatterbox.chat/receipts"];
const MARKER = "draft/read-marker";
const CAPS: Readonly<Record<string, readonly string[]>> = {
  alice: [...READER, MARKER],
  bob: PLAYER,
  carol: PLAYER,
  dave: READER,
  eve: PLAIN,
  // Speaks little, so that what it says is retained beyond the log.
  frank: READER,
};
const NAMES = Object.keys(CAPS);
/**
 * Chats that once went another way in the two hubs:
 *
 * - a connection broke that had not confirmed a direct message, of which the log had nothing any more
 *   (archive_unconfirmed_test.ts);
 * - a read marker was moved twice over messages that the archive alone had (archive_times_test.ts);
 * - an operator without chathistory entered a room: MODE came before the replay, and without an archive behind it;
 * - a read marker was set to an earlier time, with no message in between: it went back (two chats);
 * - a read marker covered all queued messages, which the archive alone had: a later one was replayed from the first on;
 * - a message was sent in the millisecond of a read marker, and then the archive alone had it.
 */
const FAILED_SEEDS = [131951988, 2396218209, 1457683878, 3654923375, 10000039, 30001487, 40001464];

/** A chat at random in two hubs, which has to go the same way in both. */
class RandomChat {
  readonly pair: HubPair;
  readonly rooms = ["#tea", "#den"];
  /** Of a redacted message the log has the record, and the archive has not. */
  readonly #redacted = new Set<string>();
  readonly #formerRooms: string[] = [];
  /** A server that has started knows the former names that are in its log. */
  #hasRestarted = false;
  readonly #said: {
    readonly by: string;
    readonly target: string;
    readonly msgid: string;
    readonly time: string;
  }[] = [];
  #count = 0;

  constructor(readonly random: Random, archive: FollowingArchive) {
    this.pair = new HubPair(archive);
    let lag = 0;
    this.pair.lag = () => random.chance(200) ? lag = random.pick([0, 5, 30, 1000]) : lag;
    this.#enterAll();
  }

  #enterAll(): void {
    for (const name of NAMES) if (!this.pair.has(name)) this.#enter(name);
  }

  #enter(name: string): void {
    this.pair.login(name, ...CAPS[name]!, "echo-message");
    this.pair.say(name, `JOIN ${this.rooms.join(",")}`);
  }

  step(): void {
    const { random, pair } = this;
    const name = random.pick(NAMES);
    pair.now += random.below(4);
    if (random.chance(30)) pair.advance(1);
    if (!pair.has(name)) return random.chance(10) ? this.#enter(name) : undefined;
    switch (random.below(30)) {
      case 0:
        return void pair.say(name, `PART ${random.pick(this.rooms)}`, `JOIN ${random.pick(this.rooms)}`);
      case 1:
        return void pair.say(name, `TOPIC ${random.pick(this.rooms)} :${this.#count++}`);
      case 2:
        return this.#redact();
      case 3:
        return this.#rename();
      case 4:
        if (random.chance(8)) this.#restart();
        else if (random.chance(2)) pair.say(name, "QUIT");
        return random.chance(4) ? this.#enterAll() : undefined;
      case 5:
        return this.#askTargets(name);
      case 6:
        return this.#askOther(name);
      case 7:
      case 8:
      case 9:
      case 10:
        return this.#ask(name);
      case 11:
        return name === "frank" ? this.#talk(name) : undefined;
      default:
        return name === "frank" ? undefined : this.#talk(name);
    }
  }

  #restart(): void {
    this.#hasRestarted = true;
    this.pair.restart();
  }

  #talk(name: string): void {
    const { random } = this;
    for (let left = name === "frank" ? 1 : random.below(12); left > 0; left--) {
      this.pair.now += random.below(3);
      const target = random.chance(4) ? random.pick(NAMES) : random.pick(this.rooms);
      const verb = random.chance(6) ? "NOTICE" : random.chance(9) ? "@+typing=active TAGMSG" : "PRIVMSG";
      const text = verb.endsWith("TAGMSG") ? "" : ` :${this.#count++} ${"x".repeat(random.below(80))}`;
      for (const line of this.pair.say(name, `${verb} ${target}${text}`)) {
        const { tags } = parseMessage(line)!;
        const [msgid, time] = [tags.get("msgid"), tags.get("time")];
        if (msgid !== undefined && time !== undefined) this.#said.push({ by: name, target, msgid, time });
      }
    }
  }

  #redact(): void {
    const { random } = this;
    if (this.#said.length === 0) return;
    const { by, target, msgid } = random.pick(this.#said.slice(-random.pick([5, 100, 1000])));
    this.#redacted.add(msgid);
    this.pair.say(by, `REDACT ${target} ${msgid}`);
    this.#askAny();
  }

  #rename(): void {
    const { random } = this;
    const at = random.below(this.rooms.length);
    const to = `#room${this.#count++}`;
    this.pair.now += random.pick([RENAME_INTERVAL_MS, FORMER_NAME_MS]);
    for (const line of this.pair.say(NAMES[0]!, `RENAME ${this.rooms[at]} ${to} :x`)) {
      if (parseMessage(line)!.command !== "RENAME") continue;
      this.#formerRooms.push(this.rooms[at]!);
      this.rooms[at] = to;
    }
    // Another channel of the former name.
    if (random.chance(3) && this.#formerRooms.length > 0 && !this.#hasRestarted) {
      const name = random.pick(NAMES);
      this.pair.say(
        name,
        `JOIN ${random.pick(this.#formerRooms)}`,
        `PRIVMSG ${random.pick(this.#formerRooms)} :hello`,
      );
    }
    this.#askAny();
  }

  #askAny(): void {
    this.#ask(this.random.pick(NAMES));
  }

  #ask(name: string): void {
    const { random } = this;
    const target = random.pick([...this.rooms, ...NAMES, ...this.#formerRooms, "#none"]);
    const limit = 1 + random.below(random.pick([3, 30, 200]));
    const command = random.pick(["BEFORE", "AFTER", "LATEST", "AROUND", "BETWEEN"]);
    const anchors = Array.from({ length: command === "BETWEEN" ? 2 : 1 }, () => this.#anchor(command));
    this.pair.say(name, `CHATHISTORY ${command} ${target} ${anchors.join(" ")} ${limit}`);
  }

  #askTargets(name: string): void {
    const { random } = this;
    this.pair.catchUp(); // the rows of redacted messages would be missing
    const times = Array.from({ length: 2 }, () => `timestamp=${this.#time() ?? "2026-01-01T00:00:00.000Z"}`);
    this.pair.say(name, `CHATHISTORY TARGETS ${times.join(" ")} ${1 + random.below(random.pick([3, 30]))}`);
  }

  #askOther(name: string): void {
    const { random } = this;
    const target = random.pick([...this.rooms, ...NAMES, ...this.#formerRooms, "#none"]);
    const known = random.pick([...this.rooms, ...NAMES]); // a marker of a former name is moved by the next log replay
    const said = this.#said.length > 0 ? random.pick(this.#said) : undefined;
    const awaited = said === undefined || this.#redacted.has(said.msgid) ? "0-testlog" : said.msgid;
    this.pair.say(
      name,
      random.pick([
        `HISTORY ${target}`,
        `HISTORY ${target} ${1 + random.below(50)}`,
        "PRIVMSG HistServ :LIST",
        `AWAIT durable ${awaited}`,
        `AWAIT delivered ${awaited}`,
        `MARKREAD ${known} timestamp=${this.#time() ?? "2026-01-01T00:00:00.000Z"}`,
        `MARKREAD ${known}`,
      ]),
    );
  }

  #time(): string | undefined {
    const { random } = this;
    if (this.#said.length === 0) return undefined;
    const time = Date.parse(random.pick(this.#said).time) + random.pick([0, 0, 0, 1, -1, 700]);
    return new Date(time).toISOString();
  }

  #anchor(command: string): string {
    const { random } = this;
    const found = this.#said.length > 0 ? random.pick(this.#said) : undefined;
    if (found === undefined || command === "LATEST" && random.chance(2)) {
      return command === "LATEST" ? "*" : "msgid=1-testlog";
    }
    if (random.chance(2)) return `msgid=${found.msgid}`;
    return `timestamp=${this.#time()}`;
  }
}

/** Plays a random chat. Returns the hubs. */
function playOne(random: Random, archive: FollowingArchive): HubPair {
  const chat = new RandomChat(random, archive);
  for (let step = 0; step < 300; step++) chat.step();
  return chat.pair;
}

/**
 * Plays chats, each with an archive of its own; most of each chat is overwritten in the small log. The seeds are always
 * the same.
 */
function play(chats: number, archiveFor: (nth: number) => FollowingArchive): void {
  let nth = 0;
  let overwritten = 0;
  for (let seed = 1; seed <= chats; seed++) {
    forAll(
      1,
      (random) => {
        if (playOne(random, archiveFor(nth++)).small.log.oldestSeq > 100) overwritten++;
      },
      seed,
    );
  }
  assert(overwritten > chats / 3, "in many chats much was overwritten");
}

pureTest(
  "archive: history goes on where the log ends, as if the log held everything",
  () => play(30, () => new ModelArchive()),
);

pureTest("archive: history goes on as if the log held everything in chats in which it once did not", () => {
  for (const seed of FAILED_SEEDS) forAll(1, (random) => void playOne(random, new ModelArchive()), seed);
});

tempDirTest("archive: history goes on where the log ends, in SQLite", { permissions: "inherit" }, (dir) => {
  const opened: SqliteArchive[] = [];
  try {
    play(4, (nth) => {
      const archive = new SqliteArchive(`${dir}/${nth}.sqlite`);
      opened.push(archive);
      return archive;
    });
  } finally {
    for (const archive of opened) archive.close();
  }
});
