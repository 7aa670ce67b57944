/** Limits of a node of a cluster. */
import type { Limit } from "../limit.ts";

const COMMITTER = "cluster/committer_test.ts: committer:";

export const CLUSTER: readonly Limit[] = [
  {
    what: "name of a cluster or node",
    bound: "{MAX_CLUSTER_NAME_CHARS} characters",
    beyond: "not accepted",
    constants: { "lib/cluster/cluster_keys.ts": ["MAX_CLUSTER_NAME_CHARS"] },
    shownBy: ["cluster/codecs_test.ts: cluster keys: names have few characters"],
  },
  {
    what: "records and facts of one commit",
    bound: "{MAX_COMMIT_BYTES}, {MAX_COMMIT_OPERATIONS} operations",
    beyond: "the rest comes with the next commit; a larger record or fact goes alone",
    constants: { "lib/cluster/commit_content.ts": ["MAX_COMMIT_BYTES", "MAX_COMMIT_OPERATIONS"] },
    shownBy: [`${COMMITTER} more than one commit may have is split`],
  },
  {
    what: "records and facts that are not committed",
    bound: "half of the ring, {MAX_PENDING_FACTS} facts",
    beyond: "lines wait",
    constants: { "lib/cluster/committer.ts": ["MAX_PENDING_FACTS"] },
    shownBy: [`${COMMITTER} a turn waits while half of the ring is not committed, or too many facts`],
  },
  {
    what: "time without a commit or a certain lease",
    bound: "{TROUBLE_AFTER_MS}",
    beyond: "people are told; lines wait",
    constants: { "lib/cluster/committer.ts": ["TROUBLE_AFTER_MS"] },
    shownBy: [`${COMMITTER} no majority: lines and answers wait, it is told, nothing is stored twice`],
  },
  {
    what: "time for which a leader relies on its lease",
    bound: "{DEFAULT_LEASE_SECONDS} s less {LEASE_MARGIN_MS} after its last renewal was sent",
    beyond: "answers wait for the next renewal",
    constants: { "lib/cluster/lease_keeper.ts": ["DEFAULT_LEASE_SECONDS", "LEASE_MARGIN_MS"] },
    shownBy: [
      "cluster/lease_keeper_test.ts: lease: it is not relied on a margin before the store can end it",
    ],
  },
  {
    what: "lag of a standby",
    bound: "{COMPACT_INTERVAL_MS} of changes",
    beyond: "it loads log and facts anew",
    constants: { "lib/cluster/log_trimmer.ts": ["COMPACT_INTERVAL_MS"] },
    shownBy: [
      "cluster/cluster_node_test.ts: cluster node: a standby with a compacted watch loads anew",
    ],
  },
  {
    what: "wait for the name of a node that another process has",
    bound: "{NAME_WAIT_MS}, or twice the lease",
    beyond: "the node ends",
    constants: { "lib/cluster/node_entry.ts": ["NAME_WAIT_MS"] },
    shownBy: ["cluster/cluster_node_test.ts: cluster node: two processes with one name"],
  },
  {
    what: "silence between the leader and a front of another node",
    bound:
      "{SILENCE_MS}, of the leader also its lease and {LEASE_PATIENCE_MS}; signs of life come every {SIGN_OF_LIFE_MS}",
    beyond: "the leader ends the sessions, the front its clients' connections",
    constants: {
      "lib/server/relay/front_setup.ts": ["SILENCE_MS"],
      "commands/serve/cluster/run_node.ts": ["LEASE_PATIENCE_MS"],
      "lib/server/cluster/session_relays.ts": ["SIGN_OF_LIFE_MS"],
    },
    shownBy: [
      "cluster/cut_off_front_test.ts: a front that is cut off from the leader ends, and its names are free",
    ],
  },
  {
    what: "time in which a hub gives no sign of life",
    bound: "{HUB_HANG_MS}, in a cluster its lease and {HANG_PATIENCE_MS}; signs come every {SIGN_MS}",
    beyond: "the keeper kills it and starts another one; clients stay",
    constants: {
      "commands/serve/server_sockets.ts": ["HUB_HANG_MS"],
      "commands/serve/cluster/run_node.ts": ["HANG_PATIENCE_MS"],
      "lib/server/keeper/hub_watch.ts": ["SIGN_MS"],
    },
    shownBy: [
      "server/keeper/keeper_test.ts: a hub that hangs is killed, and the next one is started; one that gives no signs is not",
    ],
  },
  {
    what: "questions of a leader without a certain lease to the other nodes, and time for an answer",
    bound: "one to each every {ASK_INTERVAL_MS}; {ANSWER_MS} to connect, and as long to answer",
    beyond: "the node is silent; if all are for {SILENCE_MS}, the leader's clients are disconnected",
    constants: {
      "lib/server/cluster/leader_search.ts": ["ASK_INTERVAL_MS", "ANSWER_MS"],
      "lib/server/relay/front_setup.ts": ["SILENCE_MS"],
    },
    shownBy: [
      "cluster/leader_search_test.ts: search: a leader is cut off when no other node has answered for long",
    ],
  },
  {
    what: "time for etcd to say how it is, for `cluster status`",
    bound: "{STATUS_MS}",
    beyond: "the status says that etcd does not answer",
    constants: { "commands/serve/cluster/node_hub.ts": ["STATUS_MS"] },
    unseen: "an etcd that hangs would have to be told from one that is gone by a clock",
  },
  {
    what: "time for a leader that ends to commit what is left, and for another node to take the lead",
    bound: "{STEP_DOWN_MS}, {NEXT_LEADER_MS}",
    beyond: "the node ends; the lead is free when its lease has ended",
    constants: {
      "commands/serve/cluster/leading.ts": ["STEP_DOWN_MS"],
      "commands/serve/cluster/node_hub.ts": ["NEXT_LEADER_MS"],
    },
    unseen: "etcd would have to be gone while a node is stopped",
  },
];
