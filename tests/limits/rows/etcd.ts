/** Limits of the client of etcd. */
import type { Limit } from "../limit.ts";

const BOUNDED_TEST = "cluster/etcd_client_test.ts: etcd client: an answer and a line of a watch are bounded";

export const ETCD: readonly Limit[] = [
  {
    what: "endpoints of `--cluster`",
    bound: "{MAX_ENDPOINTS}",
    beyond: "not accepted",
    constants: { "lib/cluster/etcd/endpoints.ts": ["MAX_ENDPOINTS"] },
    shownBy: ["cluster/etcd_client_test.ts: endpoints: what is wrong is said"],
  },
  {
    what: "time until etcd answers",
    bound: "{REQUEST_TIMEOUT_MS}; half of it where another endpoint is asked then",
    beyond:
      "what reads is asked at up to {MAX_TRIES} endpoints; otherwise the outcome is unknown, and looked up",
    constants: { "lib/cluster/etcd/gateway.ts": ["REQUEST_TIMEOUT_MS", "MAX_TRIES"] },
    shownBy: [
      "cluster/etcd_client_test.ts: etcd client: a transaction is sent once, what reads is sent again; closed, nothing waits",
    ],
  },
  {
    what: "an answer of etcd",
    bound: "{MAX_ANSWER_BYTES}; a page of its metrics {MAX_METRICS_BYTES}",
    beyond: "given up; of the metrics, the default of the quota is taken",
    constants: { "lib/cluster/etcd/gateway.ts": ["MAX_ANSWER_BYTES", "MAX_METRICS_BYTES"] },
    shownBy: [BOUNDED_TEST],
  },
  {
    what: "a message of a watch",
    bound: "{MAX_WATCH_LINE_BYTES}",
    beyond: "the watch is given up",
    constants: { "lib/cluster/etcd/etcd_watch.ts": ["MAX_WATCH_LINE_BYTES"] },
    shownBy: [BOUNDED_TEST],
  },
  {
    what: "silence of a watch",
    bound: "{SILENCE_MS}",
    beyond: "opened again, where it was, over a new connection",
    constants: { "lib/cluster/etcd/etcd_watch.ts": ["SILENCE_MS"] },
    shownBy: [
      "cluster/etcd_failures_test.ts: a watch without changes gives signs of life, and misses none afterwards",
    ],
  },
];
