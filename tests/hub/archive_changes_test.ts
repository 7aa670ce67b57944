import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { CAP } from "../../lib/irc/capabilities.ts";
import { CapSet } from "../../lib/irc/cap_set.ts";
import { ArchiveChanges, searchableTextIn } from "../../lib/hub/history/archive_changes.ts";
import { decodeEvent, encodeEvent, EVENT_MAX_BYTES } from "../../lib/hub/log/event_codec.ts";
import { isTemporaryOwner } from "../../lib/hub/model/identifiers.ts";
import type { ReadonlyTimeline } from "../../lib/hub/model/timeline.ts";
import type { RecordSequence } from "../../lib/hub/model/seq_list.ts";
import type { RecordedEvent } from "../../lib/hub/model/state/event.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { formatMsgid } from "../../lib/hub/output/render.ts";
import { Ring } from "../../lib/log/ring.ts";
import { forAll } from "../irc/property.ts";
import type { Random } from "../irc/property.ts";
import { TEST_CONFIG, TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";
import { ArchiveModel, channelText, keyText } from "./archive_model.ts";
import { line, NICKS, registration, sayLine } from "./random_chat.ts";

/** An archive that follows a ring, and now and then starts anew with what it has stored. */
class FollowingArchive {
  readonly model = new ArchiveModel();
  readonly #ring: Ring;
  #changes: ArchiveChanges;
  #cursor = 1;

  constructor(ring: Ring) {
    this.#ring = ring;
    this.#changes = this.#start();
  }

  follow(): void {
    for (; this.#cursor < this.#ring.nextSeq; this.#cursor++) {
      const record = this.#ring.read(this.#cursor);
      assert(record.kind === "ok", `record ${this.#cursor} is there`);
      for (const change of this.#changes.changesOf(record)) this.model.apply(change);
    }
  }

  restart(): void {
    this.#changes = this.#start();
  }

  #start(): ArchiveChanges {
    return new ArchiveChanges({
      members: this.model.storedMembers(),
      payloadOf: (seq) => this.model.payloads.get(seq),
    });
  }
}

/** A line, or the redaction of one of the newest messages of the session's user. */
function lineOf(random: Random, test: TestHub, session: Session): string {
  if (!random.chance(8)) return line(random);
  const { nextSeq } = test.log;
  for (let seq = nextSeq - 1; seq > Math.max(0, nextSeq - 40); seq--) {
    const message = test.hub.services.history.message(seq)?.event;
    if (message === undefined || message.from !== session.user!.owner || random.chance(2)) continue;
    return `REDACT ${message.target.name} ${formatMsgid(seq, TEST_CONFIG.logId)}`;
  }
  return line(random);
}

function playChat(test: TestHub, random: Random, archive: FollowingArchive, steps: number): void {
  const sessions = NICKS.map(() => test.open());
  for (let step = 0; step < steps; step++) {
    const at = random.below(sessions.length);
    if (sessions[at]!.closeReason !== undefined) sessions[at] = test.open();
    const session = sessions[at]!;
    if (session.phase.kind === "registering") {
      test.say(session, ...registration(random, random.pick(NICKS)), "CAP REQ draft/message-redaction");
      if (random.chance(2)) test.say(session, "JOIN #tea");
    } else if (session.phase.kind === "registered") sayLine(test, session, lineOf(random, test, session));
    if (random.chance(50)) test.advance(100_000); // grace periods and timeouts
    if (random.chance(3)) archive.follow();
    if (random.chance(40)) archive.restart();
  }
  archive.follow();
}

const listOf = (sequence: RecordSequence) => sequence.range(0, sequence.length(1));
const ALL = CapSet.of(CAP.redaction, CAP.channelRename);

/** Sequence numbers by kind, as a client sees them. */
function seqsOf(timeline: ReadonlyTimeline): number[][] {
  return [timeline, timeline.allEvents, timeline.allEventsFor(ALL)].map(listOf);
}

function archivedSeqs(archive: ArchiveModel, key: string): number[][] {
  const entries = [...archive.conversations.get(key)?.entries ?? []];
  const of = (...kinds: string[]) => entries.filter(([, kind]) => kinds.includes(kind)).map(([seq]) => seq);
  return [of("message"), of("message", "event"), of("message", "event", "redaction", "rename")];
}

pureTest("each record is archived in the conversations that the history index has it in", () => {
  const seen = new Set<string>();
  forAll(30, (random) => {
    const ring = Ring.create(1 << 20);
    const archive = new FollowingArchive(ring);
    let test = new TestHub({}, ring);
    for (let server = 0; server < 2; server++) {
      if (server > 0) test = new TestHub({}, ring, test.takeFacts());
      playChat(test, random, archive, 300);
    }
    const { history, accounts } = test.hub.services;
    assertEquals(accounts.size, 0);
    const compare = (key: string, timeline: ReadonlyTimeline) => {
      assertEquals(archivedSeqs(archive.model, key), seqsOf(timeline), key);
      for (const kind of archive.model.conversations.get(key)?.entries.values() ?? []) seen.add(kind);
      archive.model.conversations.delete(key);
    };
    for (const [folded, { timeline }] of history.channels) compare(channelText(folded), timeline);
    // What a user without a key has said goes with them.
    const present = new Set([...test.hub.context.state.users.values()].map(({ owner }) => owner));
    const stays = (owner: string) => !isTemporaryOwner(owner) || present.has(owner);
    for (const [owner, conversations] of history.directConversations) {
      for (const [name, { timeline }] of conversations) {
        if (stays(owner)) compare(keyText({ kind: "direct", owner, name }), timeline);
      }
    }
    const left = [...archive.model.conversations.keys()].filter((key) => {
      const [kind, owner = ""] = key.split(" ");
      return kind === "channel" || stays(owner);
    });
    assertEquals(left, [], "the archive has no conversation that the index has not");
    for (let seq = 1; seq < ring.nextSeq; seq++) {
      const record = ring.read(seq);
      if (record.kind === "ok") seen.add(decodeEvent(record.payload)!.kind);
    }
  });
  for (const kind of ["quit", "nick", "kick", "rename", "redact", "message", "event", "redaction"]) {
    assert(seen.has(kind), `there was a ${kind}`);
  }
});

const scratch = new Uint8Array(EVENT_MAX_BYTES);
const payloadOf = (event: RecordedEvent) => scratch.slice(0, encodeEvent(event, scratch));

function message(text: string, verb: "PRIVMSG" | "NOTICE" | "TAGMSG" = "PRIVMSG"): RecordedEvent {
  const target = { kind: "direct", name: "Bob", owner: "B" } as const;
  return { kind: "message", verb, source: "Al!a@h", target, text, tags: "", from: "A", id: undefined };
}

pureTest("a redaction finds the conversations of a message that only the archive has", () => {
  const changes = new ArchiveChanges({
    members: [],
    payloadOf: (seq) => seq === 5 ? payloadOf(message("hello")) : undefined,
  });
  const target = { kind: "direct", name: "Bob", owner: "B" } as const;
  const redact = (msgid: string): RecordedEvent => ({
    kind: "redact",
    source: "Alice2!a@h",
    target,
    from: "A",
    msgid,
    reason: "",
  });
  const namesOf = (msgid: string) =>
    changes.changesOf({ seq: 9, time: 1, payload: payloadOf(redact(msgid)) }).map((change) =>
      change.kind === "add" ? change.entries.map(({ conversation: { name } }) => name) : change
    );
  assertEquals(namesOf("5-testlog"), [{ kind: "remove", seq: 5 }, ["bob", "al"]]);
  assertEquals(namesOf("6-testlog"), [{ kind: "remove", seq: 6 }, ["bob", "alice2"]]);
});

pureTest("searches find the text of messages, lines that were cut for the wire as they were", () => {
  const textOf = (event: RecordedEvent) => searchableTextIn(payloadOf(event));
  assertEquals(textOf(message("one\ntw\ro")), { text: "one\ntwo", from: "al" });
  assertEquals(textOf(message("two", "NOTICE")), { text: "two", from: "al" });
  assertEquals(textOf(message("", "TAGMSG")), undefined);
  assertEquals(textOf({ kind: "quit", source: "Al!a@h", reason: "bye" }), undefined);
});

pureTest("after a loss no user is a member", () => {
  const changes = new ArchiveChanges({
    members: [["al", [{ folded: "#tea", name: "#Tea" }]]],
    payloadOf: () => undefined,
  });
  const quit = payloadOf({ kind: "quit", source: "Al!a@h", reason: "bye" });
  assertEquals(changes.changesOfLoss(), [{ kind: "boot" }]);
  assertEquals(changes.changesOf({ seq: 9, time: 1, payload: quit }), []);
});
