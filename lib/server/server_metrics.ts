/** What the server can say about itself: whether it is ready, and its metrics. Read when they are asked for. */
import { VERSION } from "../base/version.ts";
import type { ArchiveState, ClusterNodeState } from "../hub/model/config.ts";
import { unsyncedMs } from "../hub/services/server_stats.ts";
import type { Ring } from "../log/ring.ts";
import { counter, gauge, histogram, labelled } from "../web/metrics_text.ts";
import type { Metric } from "../web/metrics_text.ts";
import type { ServerStatus } from "../web/ports.ts";
import type { NotificationQueue } from "./notify/notification_queue.ts";
import type { ChatServer } from "./server.ts";
import type { LogLevel } from "./server_log.ts";

/** What the metrics are read from. */
export interface MetricsSources {
  readonly server: ChatServer;
  readonly ring: Ring;
  readonly storage: { readonly trouble: string | undefined };
  /** Undefined: the server has no archive. */
  readonly archive: ArchiveState | undefined;
  readonly notifications: Pick<NotificationQueue, "counts">;
  readonly log: { readonly counts: Readonly<Record<LogLevel, number>> };
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Of a node that leads a cluster. */
  readonly cluster?: (() => ClusterFigures) | undefined;
}

/** Of a cluster, as its leader knows it. */
export interface ClusterFigures {
  /** By name, as each one last said. */
  readonly nodes: readonly ClusterNodeState[];
  readonly commits: number;
  /** Records that are not stored yet. */
  readonly uncommitted: number;
  /** Why nothing can be stored. */
  readonly trouble: string | undefined;
}

/** Whether the server is ready: history is saved and archived. Its listeners are open when it is asked. */
export function readServerStatus({ storage, archive, cluster }: MetricsSources): ServerStatus {
  const troubles = [];
  const trouble = cluster?.().trouble;
  if (trouble !== undefined) troubles.push(`the cluster cannot store messages: ${trouble}`);
  if (storage.trouble !== undefined) troubles.push(`history is not being saved: ${storage.trouble}`);
  if (archive?.trouble !== undefined) troubles.push(`history is not being archived: ${archive.trouble}`);
  if (archive?.unreadable !== undefined) troubles.push(`the archive cannot be read: ${archive.unreadable}`);
  return { troubles };
}

export function readServerMetrics(sources: MetricsSources): Metric[] {
  return [
    ...processMetrics(sources),
    ...chatMetrics(sources),
    ...trafficMetrics(sources),
    ...notificationMetrics(sources),
    ...frontMetrics(sources),
    ...logMetrics(sources),
    ...archiveMetrics(sources),
    ...clusterMetrics(sources),
  ];
}

function processMetrics({ server, log }: MetricsSources): Metric[] {
  const { user, system } = process.cpuUsage();
  const { startedAt } = server.hub.context.config;
  return [
    labelled("gauge", "chatterbox_build_info", "Version of the program; always 1.", "version", [[
      VERSION,
      1,
    ]]),
    gauge("process_start_time_seconds", "Start of the server, in seconds since the epoch.", startedAt / 1000),
    counter("process_cpu_seconds_total", "Processor time of all threads, in seconds.", (user + system) / 1e6),
    gauge("process_resident_memory_bytes", "Memory of the process.", Deno.memoryUsage().rss),
    labelled(
      "counter",
      "chatterbox_log_entries_total",
      "Entries of the server log, by level.",
      "level",
      Object.entries(log.counts),
    ),
  ];
}

function chatMetrics({ server }: MetricsSources): Metric[] {
  const { state, verbs, verbUses, messageCount } = server.hub.context;
  const uses = Array.from(verbs, ([verb, { nth }]) => [verb, verbUses[nth] ?? 0] as const);
  return [
    gauge("chatterbox_sessions", "Open connections of clients, registered or not.", state.sessions.size),
    gauge("chatterbox_unregistered_sessions", "Sessions that are not registered.", state.unregisteredCount),
    gauge("chatterbox_users", "Users that are online.", state.users.size),
    gauge("chatterbox_rooms", "Rooms that exist.", state.channels.size),
    counter("chatterbox_messages_total", "Messages that were recorded.", messageCount),
    labelled(
      "counter",
      "chatterbox_commands_total",
      "Commands of clients, by name.",
      "command",
      uses.filter(([, count]) => count > 0),
    ),
  ];
}

function trafficMetrics({ server }: MetricsSources): Metric[] {
  const { lines, deliveries, turns, delivery } = server.turnQueue.stats;
  return [
    counter("chatterbox_lines_total", "Lines of clients that were handled.", lines),
    counter(
      "chatterbox_deliveries_total",
      "Outputs handed to connections: one for each turn of the hub and each connection that gets lines of it.",
      deliveries,
    ),
    gauge(
      "chatterbox_send_queue_bytes",
      "Bytes that wait to be sent, for all connections.",
      server.queuedBytes,
    ),
    counter(
      "chatterbox_slow_clients_total",
      "Clients that were disconnected because they read too slowly.",
      server.slowClients,
    ),
    labelled(
      "counter",
      "chatterbox_refused_connections_total",
      "Connections that were refused, by reason.",
      "reason",
      Object.entries(server.refusals),
    ),
    histogram("chatterbox_turn_seconds", "Time that a turn of the hub took.", turns),
    histogram(
      "chatterbox_delivery_seconds",
      "Time from the first line of a turn until its output was with the connections.",
      delivery,
    ),
  ];
}

function notificationMetrics({ notifications }: MetricsSources): Metric[] {
  return [
    labelled(
      "counter",
      "chatterbox_notifications_total",
      "Notifications to the notify URLs of accounts, by outcome.",
      "outcome",
      Object.entries(notifications.counts),
    ),
  ];
}

function frontMetrics({ server }: MetricsSources): Metric[] {
  const relay = server.relayed?.relay;
  if (relay === undefined) return [];
  const { restored, refused, ms } = relay.takeover;
  return [
    gauge("chatterbox_fronts", "Fronts that are connected.", relay.connected),
    labelled(
      "gauge",
      "chatterbox_takeover_sessions",
      "Sessions that fronts held at the last takeover, by what became of them.",
      "outcome",
      [["restored", restored], ["refused", refused]],
    ),
    gauge(
      "chatterbox_takeover_seconds",
      "Time from the start of the hub until it had taken over the sessions.",
      ms / 1000,
    ),
  ];
}

function logMetrics({ ring, storage, now }: MetricsSources): Metric[] {
  const { capacityBytes, position, nextSeq, durableSeq } = ring;
  const wraps = Math.floor(position / capacityBytes) - 1; // a new ring begins at its second lap
  return [
    gauge("chatterbox_ring_bytes", "Size of the log's ring.", capacityBytes),
    counter(
      "chatterbox_ring_wraps_total",
      "How often the ring was filled.",
      wraps,
    ),
    gauge("chatterbox_last_record", "Sequence number of the newest record.", ring.lastSeqBefore(nextSeq)),
    gauge(
      "chatterbox_unsynced_records",
      "Records that are not on disk yet.",
      Math.max(0, nextSeq - durableSeq),
    ),
    gauge(
      "chatterbox_sync_age_seconds",
      "Age of the oldest record that is not on disk.",
      unsyncedMs(ring, now()) / 1000,
    ),
    gauge(
      "chatterbox_history_saved",
      "1: history is being saved. 0: it is not.",
      storage.trouble === undefined ? 1 : 0,
    ),
  ];
}

function archiveMetrics({ ring, archive }: MetricsSources): Metric[] {
  if (archive === undefined) return [];
  const { cursor, size, trouble, unreadable, lostRecords } = archive;
  const isWell = trouble === undefined && unreadable === undefined;
  return [
    gauge("chatterbox_archive_well", "1: the archive works. 0: it is in trouble.", isWell ? 1 : 0),
    counter("chatterbox_archive_lost_records_total", "Records that the archive did not get.", lostRecords),
    ...size === undefined ? [] : [
      gauge("chatterbox_archive_bytes", "Size of the archive on disk.", size.bytes),
      gauge(
        "chatterbox_archive_lag_records",
        "Records that are not archived yet.",
        Math.max(0, ring.nextSeq - Math.max(cursor, ring.oldestSeq)),
      ),
    ],
  ];
}

function clusterMetrics({ cluster }: MetricsSources): Metric[] {
  if (cluster === undefined) return [];
  const { nodes, commits, uncommitted, trouble } = cluster();
  const perNode = (read: (node: ClusterFigures["nodes"][number]) => number) =>
    nodes.map((node) => [node.node, read(node)] as const);
  return [
    gauge("chatterbox_cluster_nodes", "Nodes of the cluster that run; this one leads.", nodes.length),
    labelled(
      "gauge",
      "chatterbox_cluster_lag_records",
      "Records that a node lacks, as it said within the last seconds.",
      "node",
      perNode(({ lag }) => lag),
    ),
    labelled(
      "gauge",
      "chatterbox_cluster_sessions",
      "Connections of clients, by node.",
      "node",
      perNode(({ sessions }) => sessions),
    ),
    counter(
      "chatterbox_cluster_commits_total",
      "Transactions that etcd has stored since this node leads.",
      commits,
    ),
    gauge("chatterbox_cluster_uncommitted_records", "Records that etcd has not stored yet.", uncommitted),
    gauge(
      "chatterbox_cluster_stores",
      "1: messages can be stored. 0: they cannot.",
      trouble === undefined ? 1 : 0,
    ),
  ];
}
