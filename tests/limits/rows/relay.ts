/** Limits of the relay between the hub and its fronts. */
import type { Limit } from "../limit.ts";

const LINK = "lib/server/relay/front_link.ts";
const FRAMES_TEST =
  "relay/frame_test.ts: frames: one that is too large or empty is refused before its content is there";

export const RELAY: readonly Limit[] = [
  {
    what: "a frame to a front",
    bound: "{MAX_FRAME_BYTES}",
    beyond: "the front ends, and is started again",
    constants: { "lib/relay/frame.ts": ["MAX_FRAME_BYTES"] },
    shownBy: [
      FRAMES_TEST,
      "relay/delivery_batch_test.ts: deliveries: many bytes are several frames, each within the bound",
    ],
  },
  {
    what: "a frame to the hub",
    bound: "{MAX_UP_FRAME_BYTES}; the first one {MAX_HELLO_BYTES}",
    beyond: "the relay is closed; its clients come back",
    constants: {
      "lib/relay/upward.ts": ["MAX_UP_FRAME_BYTES"],
      "lib/relay/handshake.ts": ["MAX_HELLO_BYTES"],
    },
    shownBy: [
      "front/front_link_test.ts: front link: what the protocol does not allow closes the relay, and its sessions end",
      "front/front_run_test.ts: the first frame is bounded",
    ],
  },
  {
    what: "the setup of a front",
    bound: "{MAX_SETUP_BYTES}",
    beyond: "the front ends",
    constants: { "lib/relay/handshake.ts": ["MAX_SETUP_BYTES"] },
    shownBy: [FRAMES_TEST],
  },
  {
    what: "a host, endpoint or reason on the relay",
    bound: "{MAX_RELAY_TEXT_BYTES}",
    beyond: "cut off",
    constants: { "lib/relay/wire.ts": ["MAX_RELAY_TEXT_BYTES"] },
    shownBy: ["relay/frames_test.ts: relay: a text that is too long loses its end, and no character is cut"],
  },
  {
    what: "output that waits for a front",
    bound: "{MAX_RELAY_QUEUE_BYTES}; beyond {FULL_QUEUE_BYTES} the hub waits {FRONT_PATIENCE_MS}",
    beyond: "the relay is closed; its clients come back",
    constants: { [LINK]: ["MAX_RELAY_QUEUE_BYTES", "FULL_QUEUE_BYTES", "FRONT_PATIENCE_MS"] },
    shownBy: [
      "front/front_link_test.ts: front link: more than the bound of a front's queue cuts it off",
      "front/front_link_test.ts: front link: a front that does not read holds up a turn for a bounded time, and is cut off",
    ],
  },
  {
    what: "time in which a front takes nothing",
    bound: "{FRONT_TIMEOUT_MS}",
    beyond: "the relay is closed; its clients come back",
    constants: { [LINK]: ["FRONT_TIMEOUT_MS"] },
    shownBy: [
      "front/front_link_test.ts: front link: a front that does not read holds up a turn for a bounded time, and is cut off",
    ],
  },
  {
    what: "input of clients that waits for the hub, in a front",
    bound: "{FULL_QUEUE_BYTES}, then no client is read; {MAX_UPWARD_QUEUE_BYTES}",
    beyond: "the front ends",
    constants: {
      "lib/front/front.ts": ["FULL_QUEUE_BYTES"],
      "lib/front/front_run.ts": ["MAX_UPWARD_QUEUE_BYTES"],
    },
    shownBy: ["front/front_session_test.ts: front session: no lines are sent while the relay takes none"],
  },
  {
    what: "refused connections sent the reason, in a front",
    bound: "{MAX_REFUSED}",
    beyond: "closed without it",
    constants: { "lib/front/front.ts": ["MAX_REFUSED"] },
    unseen: "a test would open more connections than a process may by default",
  },
];
