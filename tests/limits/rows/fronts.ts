/** Limits of what fronts keep for a hub that takes over, and of the takeover. */
import type { Limit } from "../limit.ts";

const TABLE = "hub/handover/line_table_test.ts";
const CODEC = "hub/handover/state_codec_test.ts";
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
