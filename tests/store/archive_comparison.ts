/** Random queries, answered by an archive and by the model of it. */
import { assert, assertEquals } from "@std/assert";
import type { ArchiveAnchor, ArchiveCut, PageQuery, SearchQuery } from "../../lib/log/archive.ts";
import type { ArchiveReader } from "../../lib/store/archive/archive_reader.ts";
import {
  type ArchiveGenerator,
  type ArchiveModel,
  cutOfHub,
  EVERY_KIND,
  recentCut,
} from "./archive_model.ts";

/** Compares random queries of each kind. */
export function compareQueries(random: ArchiveGenerator, model: ArchiveModel, reader: ArchiveReader): void {
  comparePages(random, model, reader);
  const seq = 1 + random.int(random.seq);
  assertEquals(reader.answer({ kind: "record", seq }), model.record(seq));
  const targets = {
    kind: "targets",
    owner: random.pick(["alice", "bob", ""]),
    channels: ["#a", "#c"],
    after: random.time(),
    before: random.time() + 50,
    newestFirst: random.int(2) === 0,
    limit: 1 + random.int(5),
  } as const;
  const { targets: found, archivedUntil } = reader.answer(targets);
  assertEquals(found, model.targets(targets));
  assertEquals(archivedUntil, model.archivedUntil);
  const query: SearchQuery = {
    kind: "search",
    conversations: Array.from({ length: random.int(4) }, () => random.key()),
    ...random.int(3) === 0 && { owner: random.pick(["alice", "bob"]) },
    terms: Array.from({ length: random.int(3) }, () => random.term()),
    excluded: random.int(4) === 0 ? [random.term()] : [],
    from: random.int(4) === 0 ? [random.pick(["ann", "bo"]), "cy"] : [],
    hasLink: random.int(5) === 0,
    ...random.int(4) === 0 && { after: random.time() },
    ...random.int(4) === 0 && { before: random.time() },
    ...random.int(4) === 0 && { beforeSeq: random.int(random.seq) },
    limit: 1 + random.int(20),
  };
  const search = reader.search(query);
  while (!search.step());
  const { hits, isComplete } = search.answer;
  assertEquals(hits.map(({ seq }) => seq), model.search(query));
  assert(isComplete);
  for (const { seq, time, payload, conversation } of hits) {
    const { record, conversations } = model.record(seq);
    assertEquals({ seq, time, payload }, record);
    assert(conversations.some((key) => JSON.stringify(key) === JSON.stringify(conversation)));
  }
}

/** A page, where the hub holds the entries from some number on, beyond the cursor or below it. */
function comparePages(random: ArchiveGenerator, model: ArchiveModel, reader: ArchiveReader): void {
  const conversation = random.key();
  const shows = random.int(2) === 0 ? EVERY_KIND : ["message"] as const;
  const entries = model.entries(conversation, shows);
  const recent = entries.slice(random.int(entries.length + 1));
  const anchors = Array.from({ length: random.int(3) }, (): ArchiveAnchor => {
    if (random.int(3) === 0) return { by: "seq", seq: random.pick(entries)?.seq ?? random.int(random.seq) };
    const time = random.int(2) === 0 ? random.time() : random.pick(entries)?.time ?? 0;
    return { by: "time", time, recent: recentCut(recent, time) };
  });
  const isAtEnd = random.int(5) === 0;
  // No client asks for the last 0 records: no loss is within them, although they are at the end.
  const least = isAtEnd || anchors.length === 0 ? 1 : 0;
  const query: PageQuery = {
    kind: "page",
    conversation,
    shows,
    anchors,
    ...isAtEnd && { isAtEnd },
    before: least + random.int(4),
    after: random.int(5),
    maxBytes: random.int(4) === 0 ? random.int(100) : 1e6,
  };
  const answer = reader.answer(query);
  const all = model.find(conversation)?.entries ?? [];
  const positions = ({ before, through }: ArchiveCut): ArchiveCut => ({
    before: entries.filter(({ seq }) => seq < before).length,
    through: entries.filter(({ seq }) => seq < through).length,
  });
  anchors.forEach((anchor, nth) => {
    const cut = answer.cuts[nth]!;
    if (anchor.by === "seq") assertEquals(cut, { before: anchor.seq, through: anchor.seq + 1 });
    else assertEquals(positions(cut), cutOfHub(entries, all, anchor.time));
  });
  const { kind: _kind, cuts, losses, lostWithin, ...rest } = answer;
  assertEquals(rest, model.page(query, cuts));
  assertEquals(lostWithin, answer.isEnd ? model.lostAtEnd : []);
  if (!model.isPruned) assertEquals(losses, []);
}
