import { assertEquals } from "@std/assert";
import { CapSet } from "../../lib/irc/cap_set.ts";
import { FORM_COUNT } from "../../lib/irc/capabilities.ts";
import type { Account } from "../../lib/hub/model/state/entities.ts";
import type { RecordedEvent, RecordedMessage } from "../../lib/hub/model/state/event.ts";
import { encodeEvent } from "../../lib/hub/log/event_codec.ts";
import { maxHistoryLineBytes, RecordRenderer } from "../../lib/hub/history/record_renderer.ts";
import { withTag } from "../../lib/hub/output/labeled_response.ts";
import { render } from "../../lib/hub/output/render.ts";
import { RECORD_HEADER_BYTES, recordBytes } from "../../lib/log/record.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { forAll, type Random } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";

const scratch = new Uint8Array(8192);
const decoder = new TextDecoder("utf-8", { fatal: true });
const NOW = 1_700_000_000_000;
/** By owner id; many, so that some have one place in a table. */
const ACCOUNTS = new Map(
  Array.from({ length: 100 }, (_, nth) => {
    const [owner, name] = [`owner-${nth}`, nth === 7 ? "semi;co\\lon" : `name${nth}ä`];
    return [owner, { owner, name, createdAt: NOW + nth * 1_000_000 } as Account];
  }),
);

function message(random: Random): RecordedMessage {
  const name = () => random.text("aB[ä😀", 1, 30);
  return {
    kind: "message",
    verb: random.pick(["PRIVMSG", "NOTICE"]),
    source: `${name()}!~u@127.0.0.1`,
    target: { kind: "channel", name: random.pick(["#", ""]) + name() },
    text: random.text("ab ä😀:", 1, 300),
    tags: random.chance(3) ? `+x=${random.text("ab", 0, random.chance(5) ? 500 : 5)}` : "",
    from: random.chance(3) ? random.text("ab", 0, 10) : random.pick([...ACCOUNTS.keys()]),
    id: random.chance(2) ? undefined : random.text("ab-", 1, 12),
  };
}

pureTest(
  "record lines: the bytes are those that rendering the decoded events gives, in every form",
  () =>
    forAll(100, (random) => {
      const ring = Ring.create(RING_MIN_BYTES);
      const events: { event: RecordedEvent; seq: number; time: number }[] = [];
      for (let i = 0; i < 40; i++) {
        const event: RecordedEvent = random.chance(10)
          ? { kind: "join", source: "alice!~a@host", channel: "#tea", realname: "" }
          : message(random);
        const time = NOW + random.below(100_000_000);
        const seq = ring.append(time, scratch, encodeEvent(event, scratch));
        events.push({ event, seq, time });
      }
      const form = random.below(FORM_COUNT);
      const lead = random.chance(2) ? "" : "batch=1z";
      const bound = events.reduce((sum, { seq }) => sum + maxHistoryLineBytes(ring.lengthOf(seq)), 0);
      const lines = new RecordRenderer(
        {
          log: ring,
          logId: "testlog",
          serverName: "irc.test",
          caps: CapSet.ofWords(form),
          accounts: { byOwner: (owner) => ACCOUNTS.get(owner) },
          lead,
          batchRef: () => "b",
        },
        bound,
      );
      let expected = "";
      for (const { event, seq, time } of events) {
        lines.add(seq);
        if (seq < ring.oldestSeq) continue;
        const sender = event.kind === "message" ? ACCOUNTS.get(event.from) : undefined;
        const account = sender !== undefined && time >= sender.createdAt ? sender.name : "";
        const line = render(event, { seq, time, account }, form, "testlog");
        expected += (lead === "" ? line : withTag(line, lead)) + "\r\n";
      }
      assertEquals(decoder.decode(lines.take()), expected);
    }),
);

pureTest("record lines: a message with too few fields, which no server of ours wrote, is left out", () => {
  const ring = Ring.create(RING_MIN_BYTES);
  const options = {
    log: ring,
    logId: "testlog",
    serverName: "irc.test",
    caps: CapSet.EMPTY,
    accounts: { byOwner: () => undefined },
    lead: "",
    batchRef: () => "b",
  };
  for (const text of ["P", "P\0", "P\0a!b@c\0", "P\0a\0#tea\0", "P\0a\0#tea\0o\0\0", "p\0a\0id"]) {
    for (
      const [channel, version] of [[undefined, ""], ["#tea", ""], [undefined, "\x02"], ["#tea", "\x02"]]
    ) {
      const payload = new TextEncoder().encode(version + text);
      const filler = ring.capacityBytes - ring.position % ring.capacityBytes - recordBytes(payload.length);
      for (let left = filler; left > 0;) {
        const length = Math.min(left, 4096) - RECORD_HEADER_BYTES;
        ring.append(1, new Uint8Array(length).fill(0x78), length);
        left -= recordBytes(length);
      }
      const lines = new RecordRenderer({ ...options, channel }, 0);
      lines.add(ring.append(1, payload)); // at the very end of the ring: nothing behind it ends a field
      assertEquals([ring.position % ring.capacityBytes, decoder.decode(lines.take())], [0, ""], text);
    }
  }
});
