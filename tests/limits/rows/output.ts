/** Limits of what waits to be sent. */
import type { Limit } from "../limit.ts";

const QUEUE = "lib/net/send_queue.ts";
const BUDGET = "lib/net/send_budget.ts";

export const OUTPUT: readonly Limit[] = [
  {
    what: "send queue of one connection",
    bound: "{SEND_QUEUE_MAX_BYTES}",
    beyond: "closed",
    constants: { [QUEUE]: ["SEND_QUEUE_MAX_BYTES"] },
    shownBy: ["net/send_queue_test.ts: a push that would exceed the bound is refused whole"],
  },
  {
    what: "send queues of one address",
    bound: "{SEND_SHARE_BYTES}",
    beyond: "its fullest ones are closed; not if exempt",
    constants: { [BUDGET]: ["SEND_SHARE_BYTES"] },
    shownBy: [
      "net/send_budget_test.ts: an address has a share; what others have makes no difference",
      "net/send_budget_test.ts: an exempt address has no share, and counts for the whole",
    ],
  },
  {
    what: "all send queues together",
    bound: "{SEND_BUDGET_BYTES}",
    beyond: "the fullest ones are closed",
    constants: { [BUDGET]: ["SEND_BUDGET_BYTES"] },
    shownBy: ["net/send_budget_test.ts: where all queues together hold too much, the fullest go"],
  },
  {
    what: "a write that makes no progress",
    bound: "{WRITE_TIMEOUT_MS}",
    beyond: "closed, up to {MAX_TICK_MS} later",
    constants: { [QUEUE]: ["WRITE_TIMEOUT_MS"], "lib/server/server.ts": ["MAX_TICK_MS"] },
    shownBy: [
      "adversary/slow_readers_test.ts: a write that has not moved for a minute ends the connection",
      "net/send_queue_test.ts: a write that does not move is told from one that does, and from none",
    ],
  },
  {
    what: "chunks that wait for one connection",
    bound: "{MAX_CHUNKS}",
    beyond: "joined into writes of {WRITE_MAX_BYTES}",
    constants: { [QUEUE]: ["MAX_CHUNKS", "WRITE_MAX_BYTES"] },
    shownBy: ["net/send_queue_test.ts: very many small chunks become few, and stay whole"],
  },
  {
    what: "buffer that replies share",
    bound: "{SLAB_BYTES}",
    beyond: "longer: a buffer of its own",
    constants: { "lib/base/slab_encoder.ts": ["SLAB_BYTES"] },
    shownBy: [
      "base/slab_encoder_test.ts: a full buffer is left to those who have it, and long texts get their own",
    ],
  },
  {
    what: "waiting chunk's part of its buffer",
    bound: "1/{MAX_BUFFER_SHARE} at least",
    beyond: "a smaller one is copied",
    constants: { [QUEUE]: ["MAX_BUFFER_SHARE"] },
    shownBy: ["net/send_queue_test.ts: what has to wait holds on to no buffer that is many times as large"],
  },
  {
    what: "labeled response held while it is made",
    bound: "{TURN_RESPONSE_MAX_LENGTH}",
    beyond: "disconnected",
    constants: { "lib/hub/model/config.ts": ["TURN_RESPONSE_MAX_LENGTH"] },
    shownBy: ["hub/work_steps_test.ts: an answer that is held for its label and grows beyond"],
  },
];
