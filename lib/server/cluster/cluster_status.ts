/** What is known of a cluster, for people and programs: its nodes, which one leads, how far each one is. */
import type { ClusterView } from "../../cluster/cluster_view.ts";
import type { StoreStatus } from "../../cluster/key_value_store.ts";
import type { StoreTrouble } from "../../cluster/committer.ts";
import type { ClusterNodeState } from "../../hub/model/config.ts";
import { formatSize } from "../../base/values/size.ts";

export interface ClusterStatus {
  readonly cluster: string;
  /** This node. */
  readonly node: string;
  /** Undefined: none leads. */
  readonly leader: string | undefined;
  readonly nodes: readonly ClusterNodeState[];
  /** Number of the last record. */
  readonly lastSeq: number;
  /** Why nothing can be stored, of a leader. */
  readonly trouble: string | undefined;
  readonly etcd: Pick<StoreStatus, "version" | "bytes" | "quotaBytes" | "alarms"> | undefined;
}

export interface StatusSources {
  readonly cluster: string;
  readonly node: string;
  readonly view: ClusterView;
  /** Of this node, which is newer than what it has told the others. */
  readonly own: { readonly nextSeq: number; readonly sessions: number };
  readonly trouble: StoreTrouble | undefined;
  readonly etcd: StoreStatus | undefined;
}

export function readClusterStatus({ cluster, node, view, own, trouble, etcd }: StatusSources): ClusterStatus {
  const leader = view.leader?.info?.node;
  const lastSeq = Math.max(view.tail.lastSeq, own.nextSeq - 1);
  const nodes = Array.from(view.nodes, ([name, info]): ClusterNodeState => {
    const { nextSeq, sessions } = name === node ? own : info;
    // What others say of themselves is some seconds old.
    const lag = name === leader ? 0 : Math.max(0, lastSeq + 1 - nextSeq);
    const { role, version, relayAddress: relay, startedAt } = info;
    return { node: name, role, lag, sessions, version, relay, startedAt };
  });
  return {
    cluster,
    node,
    leader,
    nodes: nodes.sort((a, b) => a.node < b.node ? -1 : 1),
    lastSeq,
    trouble: trouble?.why,
    etcd: etcd && {
      version: etcd.version,
      bytes: etcd.bytes,
      quotaBytes: etcd.quotaBytes,
      alarms: etcd.alarms,
    },
  };
}

/** As lines for people. */
export function describeClusterStatus(status: ClusterStatus): string[] {
  const { cluster, node, leader, nodes, lastSeq, trouble, etcd } = status;
  const rows = [
    ["NODE", "ROLE", "LACKS", "CLIENTS", "VERSION", "RELAY"],
    ...nodes.map((each) => [
      each.node === node ? `${each.node} *` : each.node,
      each.role,
      String(each.lag),
      String(each.sessions),
      each.version,
      each.relay,
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()
  );
  return [
    `cluster ${cluster}: ${
      leader === undefined ? "no node leads" : `${leader} leads`
    }; last record ${lastSeq}`,
    ...lines,
    etcd === undefined
      ? "etcd does not answer"
      : `etcd ${etcd.version}: ${formatSize(etcd.bytes)} of ${formatSize(etcd.quotaBytes)}` +
        (etcd.alarms.length === 0 ? "" : `; alarms: ${etcd.alarms.join(", ")}`),
    ...trouble === undefined ? [] : [`the cluster cannot store messages: ${trouble}`],
  ];
}
