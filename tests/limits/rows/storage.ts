/** Limits of saving, and of work at the start. */
import type { Limit } from "../limit.ts";

export const STORAGE: readonly Limit[] = [
  {
    what: "restarts of the sync worker in a row",
    bound: "{MAX_RESTARTS}",
    beyond: "the server stops in order",
    constants: { "lib/store/sync/sync_task.ts": ["MAX_RESTARTS"] },
    shownBy: [
      "store/sync_task_test.ts: a worker that dies is replaced three times; then it is the end, and told",
      "store/sync_task_test.ts: a good pass forgives the deaths before it: only those in a row end it",
    ],
  },
  {
    what: "sync passes in a row after a quiet time",
    bound: "{MAX_BURST_PASSES}",
    beyond: "one in `--sync`",
    constants: { "lib/store/sync/sync_loop.ts": ["MAX_BURST_PASSES"] },
    shownBy: ["store/sync_task_test.ts: under load a pass comes once an interval"],
  },
  {
    what: "unreadable facts reported one by one",
    bound: "{MAX_FAULTS_TOLD}",
    beyond: "the number of further ones",
    constants: { "lib/hub/apply/fact_restore.ts": ["MAX_FAULTS_TOLD"] },
    shownBy: ["hub/facts_test.ts: facts: of many that cannot be used a bounded number is told one by one"],
  },
];
