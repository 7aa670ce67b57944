/** Limits of what fronts keep for a hub that takes over, and of the takeover. */
import type { Limit } from "../limit.ts";

const TABLE = "hub/handover/line_table_test.ts";
const CODEC = "hub/handover/state_codec_test.ts";
const POISON = "front/poison_test.ts";
const WALK = "hub/handover/log_walk_test.ts";

export const FRONTS: readonly Limit[] = [
  {
    what: "sessions of all fronts",
    bound: "{MAX_RELAYED_SESSIONS}",
    beyond: "not opened",
    constants: { "lib/hub/handover/line_table.ts": ["MAX_RELAYED_SESSIONS"] },
    shownBy: [`${TABLE}: line table: a session beyond the bound is not taken`],
  },
  {
    what: "state of a session",
    bound: "{MAX_SESSION_STATE_BYTES}",
    beyond: "the session ends with its hub",
    constants: { "lib/hub/handover/state_codec.ts": ["MAX_SESSION_STATE_BYTES"] },
    shownBy: [`${CODEC}: session state: what is too large is neither written nor read`],
  },
  {
    what:
      "hubs that end with a line of a session that they were sent, or began to restore, and have not answered",
    bound: "{MAX_LINE_TRIES}",
    beyond: "FAIL TEMPORARILY_UNAVAILABLE",
    constants: { "lib/relay/tries.ts": ["MAX_LINE_TRIES"] },
    shownBy: [
      `${POISON}: a line of which two hubs have ended is answered by the third, and not worked on`,
    ],
  },
  {
    what: "hubs that begin to restore a session, and end before they have",
    bound: "{MAX_SESSION_TRIES}",
    beyond: "the session is refused",
    constants: { "lib/relay/tries.ts": ["MAX_SESSION_TRIES"] },
    shownBy: [
      `${POISON}: sessions that no hub can restore are refused in the end, and the server starts without them`,
    ],
  },
  {
    what: "records that fronts have missed",
    bound: "{MAX_MISSED_RECORDS}",
    beyond: "older ones count as received",
    constants: { "lib/hub/handover/log_walk.ts": ["MAX_MISSED_RECORDS"] },
    shownBy: [`${WALK}: log walk: of missed records the newest are kept`],
  },
  {
    what: "time between exports of a state that others change",
    bound: "{EXPORT_INTERVAL_MS}",
    beyond: "the next change waits",
    constants: { "lib/hub/handover/handover.ts": ["EXPORT_INTERVAL_MS"] },
    shownBy: ["hub/handover/reports_test.ts: reports: a state that others change comes once in a second"],
  },
];
