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
    what: "a message between hub and keeper",
    bound: "{MAX_KEEPER_LINE_BYTES}",
    beyond: "they connect again",
    constants: { "lib/server/keeper/keeper_protocol.ts": ["MAX_KEEPER_LINE_BYTES"] },
    shownBy: [
      "server/keeper/keeper_test.ts: a line that is too long ends the connection, not the server",
    ],
  },
  {
    what: "refused connections sent the reason, in a front",
    bound: "{MAX_REFUSED}",
    beyond: "closed without it",
    constants: { "lib/front/front_refusals.ts": ["MAX_REFUSED"] },
    unseen: "a test would open more connections than a process may by default",
  },
  {
    what: "connections to the relay of a cluster without a proof of its secret",
    bound: "{MAX_UNPROVEN}; for {PROOF_MS}, with frames of {MAX_PROOF_FRAME_BYTES}",
    beyond: "the oldest is closed",
    constants: {
      "lib/server/relay/network_relay.ts": ["MAX_UNPROVEN", "PROOF_MS"],
      "lib/relay/relay_proof.ts": ["MAX_PROOF_FRAME_BYTES"],
    },
    shownBy: [
      "front/network_relay_test.ts: network relay: connections without a proof are bounded, and one more closes the oldest",
      "front/network_relay_test.ts: network relay: a front without a proof is closed after the time for it",
      "front/network_relay_test.ts: network relay: what is larger than a proof is refused before it is read",
    ],
  },
  {
    what: "of these, from one address",
    bound: "{UNPROVEN_RATE}",
    beyond: "closed before TLS, and counted in the log",
    constants: { "lib/server/relay/network_relay.ts": ["UNPROVEN_RATE"] },
    shownBy: [
      "front/network_relay_test.ts: network relay: an address with too many connections that prove nothing is refused before TLS",
    ],
  },
  {
    what: "a turn of the hub, which a front takes as a whole",
    bound: "{MAX_TURN_BYTES}",
    beyond: "the relay is closed; its clients come back",
    constants: { "lib/relay/turn.ts": ["MAX_TURN_BYTES"] },
    shownBy: [
      "relay/turn_test.ts: turn: its frames are bounded together, and a state does not keep its frame",
    ],
  },
  {
    what: "the state of a session, on the relay",
    bound: "{MAX_RELAYED_STATE_BYTES}",
    beyond: "the session is refused at a takeover",
    constants: { "lib/relay/upward.ts": ["MAX_RELAYED_STATE_BYTES"] },
    shownBy: ["front/front_link_test.ts: front link: what a front may not present closes the relay"],
  },
  {
    what: "states and lines that a front presents at a takeover",
    bound: "{MAX_PRESENTED_BYTES}",
    beyond: "the relay is closed; its clients come back",
    constants: { "lib/server/relay/presentation_reader.ts": ["MAX_PRESENTED_BYTES"] },
    shownBy: ["front/front_link_test.ts: front link: what a front presents is bounded"],
  },
  {
    what: "time for fronts to present their sessions, before the next hub starts",
    bound: "{GATHER_MS}",
    beyond: "they are restored later",
    constants: { "lib/server/relay/gathering.ts": ["GATHER_MS"] },
    shownBy: ["front/takeover_test.ts: a hub waits for a front that does not come for a bounded time"],
  },
  {
    what: "time for which a front keeps its clients without a hub",
    bound: "{HOLD_MS}",
    beyond: "they get an ERROR, and the front ends",
    constants: { "lib/server/relay/front_setup.ts": ["HOLD_MS"] },
    shownBy: ["front/takeover_test.ts: clients are told when no hub comes in time, and the front ends"],
  },
  {
    what: "clients that connect to a front without a hub, and wait",
    bound: "{MAX_WAITING_CLIENTS}",
    beyond: "refused: the server is being restarted",
    constants: { "lib/front/session_table.ts": ["MAX_WAITING_CLIENTS"] },
    unseen: "a test would open more connections than a process may by default",
  },
  {
    what:
      "sessions of clients that have left, which a front keeps until the hub, or the next one, has ended them",
    bound: "{MAX_ENDED_SESSIONS}; {MAX_ENDED_BYTES} of states and lines",
    beyond: "the oldest is forgotten",
    constants: { "lib/front/session_table.ts": ["MAX_ENDED_SESSIONS", "MAX_ENDED_BYTES"] },
    shownBy: [
      "front/session_table_test.ts: session table: of the sessions that have ended the newest are kept, by number and by bytes",
    ],
  },
  {
    what: "reports of a front without a hub: refused connections, for the server log",
    bound: "{MAX_KEPT_REPORTS}",
    beyond: "dropped",
    constants: { "lib/front/front.ts": ["MAX_KEPT_REPORTS"] },
    unseen: "only the log and the counts of refused connections would show it",
  },
];
