/** Flags of `serve` for a server that is one node of a cluster: the etcd that holds the log, and the node's relay. */
import type { FlagTable, FlagValues } from "../../cli/flags/flags.ts";
import { isLoopback, isWildcardHost, parseAddressWithPort } from "../../net/address.ts";
import type { CertificateFiles } from "./tls_flags.ts";

/** Port of etcd for clients (IANA: etcd-client). */
const ETCD_PORT = 2379;
/** Near those of IRC and of the web listener; a port of no common server. */
const RELAY_PORT = 6690;
/** Larger clusters of etcd are not advised (etcd.io/docs, "What is maximum cluster size?"); each member may have two. */
const MAX_ENDPOINTS = 16;
const DEFAULT_NAME = "chatterbox";
const DEFAULT_LEASE_MS = 3_000;
/** With a shorter one a short pause of the leader, or of etcd, makes another node the leader. */
const MIN_LEASE_MS = 2_000;
const MAX_LEASE_MS = 60_000;
const NAME = /^[a-z0-9-]{1,32}$/;
const NODE = /^[a-z0-9.-]{1,32}$/;
const NODE_FORM = "1 to 32 lower-case letters, digits, dots and hyphens";

const group = "Cluster (docs/cluster.md)";

export const CLUSTER_FLAGS = {
  cluster: {
    type: "string",
    value: "etcd[s]://HOST:PORT,…",
    group,
    help:
      "Linux: be a node of a cluster, the log of which is in this etcd; etcds:// is by TLS (default port 2379)",
  },
  "cluster-name": {
    type: "string",
    value: "NAME",
    group,
    help: `name of the cluster in etcd (default ${DEFAULT_NAME})`,
  },
  node: { type: "string", value: "NAME", group, help: "name of this node (default the host name)" },
  relay: {
    type: "string",
    value: "HOST:PORT",
    group,
    help: `address of this machine at which the other nodes reach this one (default port ${RELAY_PORT})`,
  },
  "relay-advertise": {
    type: "string",
    value: "HOST:PORT",
    group,
    help: "address to tell the other nodes, if it is not that of --relay",
  },
  "cluster-ca": {
    type: "string",
    value: "FILE",
    group,
    help: "authority of the certificates of etcd (PEM; default: those that this machine trusts)",
  },
  "cluster-cert": { type: "string", value: "FILE", group, help: "certificate to show etcd (PEM)" },
  "cluster-key": { type: "string", value: "FILE", group, help: "its private key (PEM)" },
  "cluster-user": { type: "string", value: "NAME", group, help: "user of etcd" },
  "cluster-password-file": { type: "string", value: "FILE", group, help: "file with the user's password" },
  "cluster-lease": {
    type: "duration",
    value: "DURATION",
    min: MIN_LEASE_MS,
    max: MAX_LEASE_MS,
    group,
    help: "silence after which another node takes the leader's place (default 3s)",
  },
  "cluster-import": {
    type: "boolean",
    group,
    help: "make a new cluster of the history, accounts and rooms in this node's data folder",
  },
  "cluster-insecure": {
    type: "boolean",
    group,
    help: "allow etcd:// beyond this machine, where others can read and change what is sent",
  },
} as const satisfies FlagTable;

type ClusterFlags = FlagValues<typeof CLUSTER_FLAGS>;

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

export interface ClusterSettings {
  /** URLs of etcd's members: `http://HOST:PORT`, or `https://HOST:PORT`. */
  readonly endpoints: readonly string[];
  /** Of the cluster. */
  readonly name: string;
  readonly node: string;
  /** Where this node's relay listens. */
  readonly relay: HostPort;
  /** Where other nodes reach it; undefined: where it listens. */
  readonly advertised: HostPort | undefined;
  /** PEM; undefined: the authorities that this machine trusts. */
  readonly caFile: string | undefined;
  /** Of this node, for etcd. */
  readonly certificate: CertificateFiles | undefined;
  readonly user: { readonly name: string; readonly passwordFile: string } | undefined;
  readonly leaseSeconds: number;
  /** A new cluster gets what the data folder has. */
  readonly isImport: boolean;
}

/** `refused`: it is possible, and not allowed without another flag. */
type Fault = { readonly why: string; readonly refused?: true };

/** Other flags, which a cluster bears upon. */
export interface FlagsBesideCluster {
  readonly shm: boolean;
  readonly sync: string | undefined;
}

/** `hostname`: of this machine. */
export function resolveCluster(
  flags: ClusterFlags & FlagsBesideCluster,
  hostname: () => string,
  os: string = Deno.build.os,
): { cluster: ClusterSettings | undefined } | Fault {
  const values = parseValues(flags);
  if ("why" in values) return values;
  const { etcd, relay, advertised } = values;
  if (etcd === undefined) {
    const alone = Object.keys(CLUSTER_FLAGS).find((flag) => isGiven(flags[flag as keyof ClusterFlags]));
    if (alone !== undefined) return { why: `--${alone} needs --cluster etcds://HOST:PORT,…` };
    return { cluster: undefined };
  }
  const why = findContradiction(flags, os);
  if (why !== undefined) return { why };
  const store = resolveStore(etcd, flags);
  if ("why" in store) return store;
  const node = flags.node ?? hostname().toLowerCase();
  if (!NODE.test(node) || flags.node === undefined && isLoopback(node)) {
    return { why: `the host name, ${node}, is no name for a node: give --node NAME, ${NODE_FORM}` };
  }
  if (relay === undefined) {
    return {
      why: "--cluster needs --relay HOST:PORT, an address at which the other nodes reach this machine",
    };
  }
  if (isWildcardHost(relay.host) && advertised === undefined) {
    return {
      why:
        `--relay ${flags.relay} needs --relay-advertise HOST:PORT, an address at which the other nodes reach this one`,
    };
  }
  const { "cluster-name": name = DEFAULT_NAME, "cluster-lease": leaseMs = DEFAULT_LEASE_MS } = flags;
  const isImport = flags["cluster-import"] === true;
  return { cluster: { ...store, node, relay, advertised, name, leaseSeconds: leaseMs / 1000, isImport } };
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== false;
}

/** Where etcd is, as `--cluster` says. */
interface EtcdPlaces {
  readonly text: string;
  readonly isSecure: boolean;
  readonly places: readonly HostPort[];
}

/** The values that need to be parsed. */
interface ParsedValues {
  readonly etcd: EtcdPlaces | undefined;
  readonly relay: HostPort | undefined;
  readonly advertised: HostPort | undefined;
}

/** Checks each value by itself, whatever else is given: `config check` tells the fault of each. */
function parseValues(flags: ClusterFlags): ParsedValues | Fault {
  const { cluster, "cluster-name": name, node, "cluster-lease": leaseMs } = flags;
  const etcd = cluster === undefined ? undefined : parseEtcd(cluster);
  if (etcd !== undefined && "why" in etcd) return etcd;
  if (name !== undefined && !NAME.test(name)) {
    return { why: `--cluster-name ${name}: 1 to 32 lower-case letters, digits and hyphens` };
  }
  if (node !== undefined && !NODE.test(node)) return { why: `--node ${node}: ${NODE_FORM}` };
  const relay = parseOwn("relay", flags.relay);
  if (relay !== undefined && "why" in relay) return relay;
  const advertised = parseOwn("relay-advertise", flags["relay-advertise"]);
  if (advertised !== undefined && "why" in advertised) return advertised;
  if (advertised !== undefined && (isWildcardHost(advertised.host) || advertised.port === 0)) {
    const why = "not an address that another machine can connect to";
    return { why: `--relay-advertise ${flags["relay-advertise"]}: ${why}` };
  }
  if ((leaseMs ?? 0) % 1000 !== 0) return { why: "--cluster-lease: etcd counts whole seconds" };
  return { etcd, relay, advertised };
}

function findContradiction({ shm, sync }: FlagsBesideCluster, os: string): string | undefined {
  if (os !== "linux") return "--cluster needs Linux, which lets processes share a port";
  if (shm) {
    return "--shm and --cluster contradict each other: a node's history is a copy, kept in its data folder";
  }
  if (sync === "always") {
    return "--sync always and --cluster contradict each other: in a cluster every message is on the disks of a " +
      "majority of etcd's members before it is acknowledged; leave --sync out";
  }
  return undefined;
}

function parseEtcd(text: string): EtcdPlaces | Fault {
  const [, scheme, list] = /^(etcds?):\/\/(.+?)\/?$/.exec(text) ?? [];
  if (list === undefined) {
    return { why: `--cluster ${text}: not etcds://HOST:PORT,… or, without TLS, etcd://HOST:PORT,…` };
  }
  const places: HostPort[] = [];
  for (const part of list.split(",")) {
    const place = parsePlace(part, ETCD_PORT);
    if ("why" in place) return { why: `--cluster: ${place.why}` };
    places.push(place);
  }
  if (places.length > MAX_ENDPOINTS) return { why: `--cluster: more than ${MAX_ENDPOINTS} addresses` };
  return { text, isSecure: scheme === "etcds", places };
}

/** The etcd, and what it is to be shown. */
function resolveStore(
  { text, isSecure, places }: EtcdPlaces,
  flags: ClusterFlags,
): Pick<ClusterSettings, "endpoints" | "caFile" | "certificate" | "user"> | Fault {
  const credentials = resolveCredentials(flags, isSecure);
  if ("why" in credentials) return credentials;
  const far = places.find(({ host }) => !isLoopback(host));
  if (!isSecure && far !== undefined && !flags["cluster-insecure"]) {
    const why =
      `--cluster ${text}: all that the cluster stores would go to ${formatPlace(far)} in clear, and with ` +
      "it the secret of the cluster; use etcds://, or --cluster-insecure where the network is protected otherwise";
    return { why, refused: true };
  }
  const endpoints = places.map((place) => `${isSecure ? "https" : "http"}://${formatPlace(place)}`);
  return { endpoints, ...credentials };
}

function resolveCredentials(
  flags: ClusterFlags,
  isSecure: boolean,
): Pick<ClusterSettings, "caFile" | "certificate" | "user"> | Fault {
  const {
    "cluster-ca": caFile,
    "cluster-cert": cert,
    "cluster-key": key,
    "cluster-user": name,
    "cluster-password-file": passwordFile,
  } = flags;
  if (!isSecure) {
    const alone = caFile !== undefined ? "ca" : cert !== undefined ? "cert" : key !== undefined ? "key" : "";
    if (alone !== "") return { why: `--cluster-${alone} needs --cluster etcds://HOST:PORT,…` };
  }
  if ((cert === undefined) !== (key === undefined)) {
    return { why: "--cluster-cert and --cluster-key need each other" };
  }
  if ((name === undefined) !== (passwordFile === undefined)) {
    return { why: "--cluster-user and --cluster-password-file need each other" };
  }
  return {
    caFile,
    certificate: cert !== undefined && key !== undefined ? { cert, key } : undefined,
    user: name !== undefined && passwordFile !== undefined ? { name, passwordFile } : undefined,
  };
}

/** An address of this node's relay; `name`: of the flag. */
function parseOwn(name: string, text: string | undefined): HostPort | Fault | undefined {
  if (text === undefined) return undefined;
  const place = parsePlace(text, RELAY_PORT);
  return "why" in place ? { why: `--${name} ${text}: ${place.why}` } : place;
}

function parsePlace(text: string, defaultPort: number): HostPort | Fault {
  const address = parseAddressWithPort(text, defaultPort);
  return address.kind === "bad" ? { why: address.why } : { host: address.host, port: address.port };
}

function formatPlace({ host, port }: HostPort): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
