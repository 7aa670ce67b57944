import { assert, assertEquals, assertFalse } from "@std/assert";
import type { ArchiveChange, ConversationKey } from "../../lib/log/archive.ts";
import { partBoundsOf } from "../../lib/store/archive/archive_index.ts";
import { ArchivePruning, type PruningBounds } from "../../lib/store/archive/archive_pruning.ts";
import { ArchiveReader } from "../../lib/store/archive/archive_reader.ts";
import { ArchiveWriter } from "../../lib/store/archive/archive_writer.ts";
import { forAll } from "../irc/property.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { compareQueries } from "./archive_comparison.ts";
import { ArchiveGenerator, ArchiveModel, payloadOf, readSearchable } from "./archive_model.ts";

const TEA: ConversationKey = { kind: "channel", name: "#tea" };
const MILK: ConversationKey = { kind: "channel", name: "#milk" };
const NO_AGES: ReadonlyMap<string, number> = new Map();
const MOST_PER_STEP = 250;

function message(seq: number, conversations: readonly ConversationKey[] = [TEA]): ArchiveChange {
  const searchable = { from: "bob", text: `zebra${seq}word and some more text for its bytes` };
  return {
    kind: "add",
    record: { seq, time: 1000 + seq, payload: payloadOf(searchable) },
    entries: conversations.map((conversation) => ({
      conversation,
      name: conversation.name,
      kind: "message",
    })),
    searchable,
  };
}

function messages(from: number, until: number): ArchiveChange[] {
  return Array.from({ length: until - from }, (_, nth) => message(from + nth));
}

function countRecords({ db }: ArchiveWriter, table = "record"): number {
  return Number(db.prepare(`SELECT count(*) AS count FROM ${table}`).get()!["count"]);
}

/** Prunes to the end; each step removes few records. */
function prune(writer: ArchiveWriter, bounds: PruningBounds, now: number): void {
  const pruning = new ArchivePruning(writer);
  let before = countRecords(writer);
  while (pruning.step(bounds, now)) {
    const after = countRecords(writer);
    assert(before - after <= MOST_PER_STEP);
    before = after;
  }
}

function withWriter(
  then: (writer: ArchiveWriter, reader: ArchiveReader, path: string) => void,
  bounds = {},
): Promise<void> {
  return withTempDir((folder) => {
    const path = `${folder}/archive.sqlite`;
    const writer = new ArchiveWriter(path, { logId: "log", readSearchable, bounds });
    const reader = new ArchiveReader(path);
    then(writer, reader, path);
    reader.close();
    writer.close();
  });
}

function bytesOf(path: string): string {
  return [path, `${path}-wal`].map((file) => new TextDecoder("latin1").decode(Deno.readFileSync(file))).join(
    "",
  );
}

function page(reader: ArchiveReader, conversation: ConversationKey, afterSeq: number) {
  const anchors = [{ by: "seq", seq: afterSeq }] as const;
  const sizes = { before: 0, after: 10_000, maxBytes: 9e9 };
  const { records, losses } = reader.answer({
    kind: "page",
    conversation,
    shows: ["message"],
    anchors,
    ...sizes,
  });
  return { seqs: records.map(({ seq }) => seq), losses };
}

Deno.test("archive pruning: an archive that is too large loses its oldest messages, and its file shrinks", () =>
  withWriter((writer, reader, path) => {
    writer.append(messages(1, 8001), 8001);
    const before = new ArchivePruning(writer).usedBytes;
    const maxBytes = Math.floor(before / 4);
    prune(writer, { maxBytes, channelAges: NO_AGES }, 0);
    const { usedBytes } = new ArchivePruning(writer);
    assert(usedBytes <= maxBytes && usedBytes > maxBytes / 2, `${usedBytes} of ${maxBytes} bytes`);
    assert(Deno.statSync(path).size < 0.75 * before);
    const { seqs } = page(reader, TEA, 0);
    assertEquals(seqs.at(-1), 8000);
    const until = seqs[0]!;
    assertEquals(page(reader, TEA, 5).losses, [{ from: 6, until, why: "pruned" }]);
    assertEquals(page(reader, TEA, until).losses, []);
    assertEquals(countRecords(writer, "loss"), 1);
  }, { maxBytes: 300_000 }));

Deno.test("archive pruning: nothing that is older than the archive's age stays, neither as text nor as a word", () =>
  withWriter((writer, reader, path) => {
    writer.append(messages(1, 1001), 1001);
    writer.append([message(1001, [MILK])], 1002);
    prune(writer, { maxAgeMs: 100, channelAges: NO_AGES }, 2101);
    assertEquals(page(reader, TEA, 0), { seqs: [], losses: [{ from: 1, until: 1001, why: "pruned" }] });
    assertEquals(page(reader, MILK, 0), { seqs: [1001], losses: [] });
    prune(writer, { maxAgeMs: 100, channelAges: NO_AGES }, 2102);
    for (const word of ["zebra7word", "zebra999word", "zebra1001word"]) {
      assertFalse(bytesOf(path).includes(word), word);
    }
    for (const table of ["record", "entry", "conversation", "index_part"]) {
      assertEquals(countRecords(writer, table), 0);
    }
  }));

Deno.test("archive index: a part holds no more messages than its bound, a sixteenth of the archive at most", () => {
  assertEquals(partBoundsOf({}).messages, 50_000);
  assertEquals(partBoundsOf({ maxBytes: 1 << 27 }).messages, 29_959);
  return withWriter((writer) => {
    writer.append(messages(1, 1251), 1251);
    const parts = writer.db.prepare("SELECT first, messages FROM index_part ORDER BY first").all();
    assertEquals(parts.map(({ first, messages }) => [first, messages]), [[0, 500], [501, 500], [1001, 250]]);
  }, { maxBytes: 1 });
});

Deno.test("archive pruning: words are at most a sixteenth of the age longer in the files than their messages", () => {
  assertEquals(partBoundsOf({ maxAgeMs: 1600 }).spanMs, 100);
  return withWriter((writer, _reader, path) => {
    writer.append(messages(1, 1001), 1001);
    prune(writer, { maxAgeMs: 1600, channelAges: NO_AGES }, 2900 + 1); // up to 300
    assertEquals(countRecords(writer), 1000 - 300);
    for (const seq of [1, 100, 199]) assertFalse(bytesOf(path).includes(`zebra${seq}word`));
    assert(bytesOf(path).includes("zebra301word"));
  }, { maxAgeMs: 1600 });
});

Deno.test("archive pruning: a channel with an age of its own loses messages at that age; words go with them", () =>
  withWriter((writer, reader, path) => {
    writer.append([message(1), message(2, [TEA, MILK]), message(3), message(4, [MILK])], 5);
    const bounds = { channelAges: new Map([["#tea", 50], ["#none", 1]]) };
    prune(writer, bounds, 1053);
    assertEquals(page(reader, TEA, 0), { seqs: [3], losses: [{ from: 1, until: 3, why: "pruned" }] });
    assertEquals(page(reader, MILK, 0), { seqs: [2, 4], losses: [] });
    assertFalse(bytesOf(path).includes("zebra1word"));
    const found = reader.search({
      kind: "search",
      conversations: [TEA],
      terms: [{ words: ["zebra2word"], isPrefix: false }],
      excluded: [],
      from: [],
      hasLink: false,
      limit: 9,
    });
    while (!found.step());
    assertEquals(found.answer.hits, []);
    prune(writer, { ...bounds, maxAgeMs: 10 }, 1013); // the age of the archive is a bound for all
    assertEquals(page(reader, TEA, 0).seqs, [3]);
    assertEquals(page(reader, MILK, 0).seqs, [4]);
  }));

Deno.test("archive pruning: what no client may read any more goes, and nothing of other conversations", () =>
  withWriter((writer, reader, path) => {
    const direct = (owner: string, name: string): ConversationKey => ({ kind: "direct", owner, name });
    const sides = [direct("~9.1", "ann"), direct("ann", "guest")];
    writer.append([...messages(1, 600), message(600, [MILK]), message(601, sides)], 602);
    writer.append([{ kind: "retire", name: "#tea" }, { kind: "forget_temporary", except: [] }], 603);
    assertEquals(page(reader, TEA, 0).seqs, []);
    assertEquals(page(reader, sides[0]!, 0).seqs, []);
    prune(writer, { channelAges: NO_AGES }, 0);
    assertEquals([countRecords(writer), countRecords(writer, "conversation")], [2, 2]);
    assertEquals([page(reader, MILK, 0).seqs, page(reader, sides[1]!, 0).seqs], [[600], [601]]);
    assertFalse(bytesOf(path).includes("zebra599word"));
  }));

Deno.test("archive pruning: a conversation with members stays without messages, until they have left", () =>
  withWriter((writer) => {
    writer.append([message(1), { kind: "membership", nick: "bob", channels: ["#tea"] }], 2);
    prune(writer, { maxAgeMs: 1, channelAges: NO_AGES }, 5000);
    assertEquals(writer.members(), new Map([["bob", ["#tea"]]]));
    writer.append([{ kind: "boot" }], 3);
    prune(writer, { channelAges: NO_AGES }, 5000);
    assertEquals(countRecords(writer, "conversation"), 0);
  }));

Deno.test("archive pruning: afterwards every query is answered as a model that was pruned answers it", () =>
  withTempDir((folder) => {
    let round = 0;
    forAll(4, (numbers) => {
      const path = `${folder}/${round++}.sqlite`;
      const random = new ArchiveGenerator(numbers);
      const model = new ArchiveModel();
      const partBounds = { messages: 40, spanMs: 300 };
      const writer = new ArchiveWriter(path, { logId: "log", readSearchable, partBounds });
      const reader = new ArchiveReader(path);
      for (let batch = 0; batch < 8; batch++) {
        const changes = Array.from({ length: 60 }, () => random.change());
        changes.forEach((change) => model.apply(change));
        writer.append(changes, random.seq);
        model.archivedUntil = writer.cursor;
        const [cutoff, channelCutoff] = [random.time(), random.time() + 20];
        prune(
          writer,
          { maxAgeMs: 5000 - cutoff, channelAges: new Map([["#a", 5000 - channelCutoff]]) },
          5000,
        );
        model.pruneRetired();
        // Each may remove what a younger message has kept from the other: times go back.
        for (let nth = 0; nth < 2; nth++) {
          model.pruneChannel("#a", channelCutoff);
          model.prune(({ time }) => time < cutoff);
        }
        for (let nth = 0; nth < 25; nth++) compareQueries(random, model, reader);
      }
      reader.close();
      writer.close();
    });
  }));
