/** CHATHISTORY: what the newest 100 messages of a channel cost the hub, out of a full 64 MiB ring. */
import { Hub } from "../../lib/hub/hub.ts";
import { encodeEvent } from "../../lib/hub/log/event_codec.ts";
import { Ring } from "../../lib/log/ring.ts";
import { TEST_CONFIG } from "../support/hub.ts";

const NOW = 1_700_000_000_000;
const ring = Ring.create(64 * 1024 * 1024);
const scratch = new Uint8Array(1024);
for (let i = 0, bytes = 0; bytes < ring.capacityBytes * 1.1; i++) {
  const length = encodeEvent({
    kind: "message",
    verb: "PRIVMSG",
    source: "alice!~alice@127.0.0.1",
    target: { kind: "channel", name: "#load" },
    text: `message ${i}, of about as many characters as people write to each other`,
    tags: "",
    from: "~1.2",
    id: undefined,
  }, scratch);
  ring.append(NOW + i, scratch, length);
  bytes += length + 24;
}

const hub = new Hub(TEST_CONFIG, ring);
const before = performance.now();
hub.start(NOW + 1e9);
console.log(
  `the hub took in ${ring.nextSeq - ring.oldestSeq} records in ${Math.round(performance.now() - before)} ms`,
);
const session = hub.open(1, "127.0.0.1", false, NOW)!;
const caps = "CAP REQ :draft/chathistory batch server-time message-tags";
for (const line of [caps, "NICK alice", "USER alice 0 * :alice", "CAP END"]) hub.line(session, line, NOW);
hub.takeEffects();

for (const limit of [10, 100, 1000]) {
  Deno.bench({ name: `LATEST ${limit}`, group: "history", baseline: limit === 100 }, () => {
    hub.line(session, `CHATHISTORY LATEST #load * ${limit}`, NOW);
    hub.takeEffects();
  });
}
