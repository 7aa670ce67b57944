/** History that the log no longer holds is read from the archive, as if the log held it. */
import { assert } from "../../lib/base/assert.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import { forAll } from "../irc/property.ts";
import type { Random } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";
import { FORMER_NAME_MS, RENAME_INTERVAL_MS } from "../../lib/hub/model/config.ts";
import { HubPair } from "./hub_pair.ts";

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
const CAPS: Readonly<Record<string, readonly string[]>> = {
  alice: READER,
  bob: PLAYER,
  carol: PLAYER,
  dave: READER,
};
const NAMES = Object.keys(CAPS);

/** A chat at random in two hubs, which has to go the same way in both. */
class RandomChat {
  readonly pair: HubPair;
  readonly rooms = ["#tea", "#den"];
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

  constructor(readonly random: Random) {
    this.pair = new HubPair();
    let lag = 0;
    this.pair.lag = () => random.chance(200) ? lag = random.pick([0, 5, 30, 1000]) : lag;
    this.#enterAll();
  }

  #enterAll(): void {
    for (const name of NAMES) {
      if (this.pair.has(name)) continue;
      this.pair.login(name, ...CAPS[name]!, "echo-message");
      this.pair.say(name, `JOIN ${this.rooms.join(",")}`);
    }
  }

  step(): void {
    const { random, pair } = this;
    const name = random.pick(NAMES);
    pair.now += random.below(4);
    switch (random.below(24)) {
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
        else if (random.chance(3)) pair.say(name, "QUIT");
        return this.#enterAll();
      case 5:
      case 6:
      case 7:
      case 8:
        return this.#ask(name);
      default:
        return this.#talk(name);
    }
  }

  #restart(): void {
    this.#hasRestarted = true;
    this.pair.restart();
  }

  #talk(name: string): void {
    const { random } = this;
    for (let left = random.below(12); left > 0; left--) {
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
    const { by, target, msgid } = random.pick(this.#said.slice(-random.pick([5, 30, 100])));
    if (this.pair.has(by)) this.pair.say(by, `REDACT ${target} ${msgid}`);
    this.#ask(random.pick(NAMES));
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
    this.#ask(random.pick(NAMES));
  }

  #ask(name: string): void {
    const { random } = this;
    const target = random.pick([...this.rooms, ...NAMES, ...this.#formerRooms, "#none"]);
    const limit = 1 + random.below(random.pick([3, 30, 200]));
    const command = random.pick(["BEFORE", "AFTER", "LATEST", "AROUND", "BETWEEN"]);
    const anchors = Array.from({ length: command === "BETWEEN" ? 2 : 1 }, () => this.#anchor(command));
    this.pair.say(name, `CHATHISTORY ${command} ${target} ${anchors.join(" ")} ${limit}`);
  }

  #anchor(command: string): string {
    const { random } = this;
    const found = this.#said.length > 0 ? random.pick(this.#said) : undefined;
    if (found === undefined || command === "LATEST" && random.chance(2)) {
      return command === "LATEST" ? "*" : "msgid=1-testlog";
    }
    if (random.chance(2)) return `msgid=${found.msgid}`;
    const time = Date.parse(found.time) + random.pick([0, 0, 0, 1, -1, 700]);
    return `timestamp=${new Date(time).toISOString()}`;
  }
}

pureTest("archive: CHATHISTORY goes on where the log ends, as if the log held everything", () => {
  let overwritten = 0;
  forAll(30, (random) => {
    const chat = new RandomChat(random);
    for (let step = 0; step < 300; step++) chat.step();
    if (chat.pair.small.log.oldestSeq > 100) overwritten++;
  });
  assert(overwritten > 10, "in most chats much was overwritten");
});
