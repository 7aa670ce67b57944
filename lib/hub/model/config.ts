/**
 * Configuration and bounds of the hub. Every bound is defined here, in `irc/limits.ts`, or beside the code that it
 * bounds.
 */
import { LOOPBACK } from "../../base/ip.ts";
import type { Rate } from "../../base/token_bucket.ts";
import { DAY_MS } from "../../base/values/time_unit.ts";
import { DEFAULT_LOBBY } from "../../irc/vendor_extensions.ts";
import type { HostCloak } from "./host_cloak.ts";

/** What `Hub.reconfigure` replaces while the hub runs. */
export interface ReplaceableConfig {
  /** Server password; undefined: none is required. */
  readonly password: string | undefined;
  /** Lines of the message of the day; empty: 422. */
  readonly motd: readonly string[];
  /**
   * Strict Transport Security: plain clients are told this TLS port, TLS clients the time for which to insist on
   * it. Set before the first client connects.
   */
  readonly sts?: { readonly port: number; readonly seconds: number };
  /**
   * Address of the page that the server has for browsers, without a path; `*` as its host: the one by which the client
   * has come to the server. Left out: there is none.
   */
  readonly pageUrl?: string;
  readonly maxClients: number;
  /** Folded names of the accounts of server operators; see `server_operators.ts`. */
  readonly opers: ReadonlySet<string>;
  /** Messages of a channel that are replayed to a client that joins it, 0 for none; left out: JOIN_REPLAY_MESSAGES. */
  readonly replay?: number | undefined;
  /** Administrator of the server and how to reach them, for ADMIN; left out: not given. */
  readonly admin?: string | undefined;
  /**
   * Description of the server (LINKS, WHOIS); left out: the name of the network. One line of at most
   * DESCRIPTION_MAX_BYTES.
   */
  readonly description?: string | undefined;
  /** ISUPPORT draft/ICON: the URL of an image; left out: there is none. */
  readonly icon?: string | undefined;
  /** Shortest passphrase of a new account, in bytes; left out: PASSPHRASE_MIN_BYTES. */
  readonly passphraseMinBytes?: number | undefined;
  /** Replaces LARGE_CHANNEL_MEMBERS. */
  readonly largeChannel?: number;
}

export interface HubConfig extends ReplaceableConfig {
  /** The server's name, the source of its own lines; at most 63 bytes (RFC 2812 §1.1). */
  readonly serverName: string;
  /** ISUPPORT NETWORK. */
  readonly network: string;
  readonly version: string;
  /** Log id: distinguishes this log from all others; second half of every msgid. */
  readonly logId: string;
  /** Whether names can be registered, and whether every client needs an account. */
  readonly accounts: "open" | "required" | "off";
  /** Whether there is an archive, which answers the job `archive`; left out: the log is all there is. */
  readonly hasArchive?: boolean;
  /** Returns random bytes: the hub has no source of randomness of its own. */
  readonly random: (bytes: number) => Uint8Array;
  /** Budget of retained messages, in bytes; left out: RETAINED_SHARE of the log's capacity. */
  readonly retainedBytes?: number;
  /** Replaces UNITS_PER_TURN. */
  readonly pieceUnits?: number;
  /** Name of the lobby; left out: {@link DEFAULT_LOBBY}; "": there is none. */
  readonly lobby?: string;
  /** Cloaks that other users see instead of addresses; left out: they see the addresses. */
  readonly cloak?: HostCloak;
  /** Time when the server started, milliseconds since the epoch. */
  readonly startedAt: number;
  /** Time when the log was created, and the lobby with it, milliseconds since the epoch; left out: now. */
  readonly logCreatedAt?: number;
  /** The state of the archive, for statistics; left out where there is none. */
  readonly archive?: ArchiveState;
  /** Storage of the log on disk; left out where there is none. */
  readonly storage?: StorageState;
  /** Where clients on this machine put lines beside their connection; left out where there is none. */
  readonly inbox?: InboxGrants;
  /** The nodes of the cluster that this server is one of; left out: it is none. */
  readonly nodes?: () => readonly ClusterNodeState[];
  /** Left out members are as in DEFAULT_LIMITS. */
  readonly limits?: Partial<HubLimits>;
}

/** Bounds that the administrator of the server may choose. */
export interface HubLimits {
  /** Most channels that one user may be in (ISUPPORT CHANLIMIT). */
  channelsPerUser: number;
  /** Most channels that exist at one time, over all users. */
  channels: number;
  /** Most members of one channel. */
  channelMembers: number;
  /** Nick changes of one user. */
  nickChanges: Rate;
  /** Failed attempts to log in, per address. */
  loginFailures: Rate;
  /** Account registrations, per address. */
  registrations: Rate;
  /** Milliseconds; a connection that has not registered after this time is closed. */
  registerTimeoutMs: number;
  /**
   * Milliseconds; a session that has been silent for this time is sent a PING, and disconnected after the same time
   * again.
   */
  pingTimeoutMs: number;
  /** Addresses, blocks of addresses (CIDR) and host names without bounds on number and rate. */
  exempt: readonly string[];
}

export const DEFAULT_LIMITS: HubLimits = {
  channelsPerUser: 100,
  channels: 10_000,
  channelMembers: 100_000,
  nickChanges: { count: 5, ms: 60_000 },
  loginFailures: { count: 10, ms: 600_000 },
  registrations: { count: 10, ms: 3_600_000 },
  registerTimeoutMs: 30_000,
  // A tick comes up to 5 s later (server/server.ts), and nginx ends a connection after 60 s without input
  // from the server: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_read_timeout
  pingTimeoutMs: 45_000,
  exempt: LOOPBACK,
};

/** Present state of the disk below the log. */
export interface StorageState {
  /** Milliseconds between syncs, or `always`: a message is acknowledged only after it is on disk. */
  readonly sync: number | "always";
  /** Reason why the log is not being saved, as text; undefined: it is. */
  readonly trouble: string | undefined;
}

/** Present state of the archive. */
export interface ArchiveState {
  /** Every record below this number is archived; 0: that is unknown yet. */
  readonly cursor: number;
  /** Its bytes on disk, and the time of its oldest record (0: it has none); undefined: that is unknown yet. */
  readonly size: { readonly bytes: number; readonly oldestAt: number } | undefined;
  /** Reason why nothing is being archived, as text; undefined: it is. */
  readonly trouble: string | undefined;
  /** The same for a part of it that cannot be read; undefined: there is none, as far as is known. */
  readonly unreadable: string | undefined;
  /** Records since the start that the log no longer held when they were to be archived, or that were damaged. */
  readonly lostRecords: number;
}

/** Present state of a cluster's node. */
export interface ClusterNodeState {
  readonly node: string;
  readonly role: string;
  /** Records that it lacks, as far as it has said. */
  readonly lag: number;
  /** Client connections. */
  readonly sessions: number;
  /** Of its program. */
  readonly version: string;
  /** `HOST:PORT` at which other nodes reach it. */
  readonly relay: string;
  /** Start of its process, by its own clock, milliseconds since the epoch. */
  readonly startedAt: number;
}

/** Where clients on this machine put lines that count as sent over their connection. */
export interface InboxGrants {
  /** The token with which the session puts lines, the same one until it ends. */
  grant(sessionId: number): string;
}

/** Name of the lobby; "": there is none. */
export function lobbyOf({ lobby = DEFAULT_LOBBY }: HubConfig): string {
  return lobby;
}

/** Fits the line of LINKS with the longest server name (twice) and the longest nick of the client that asks. */
export const DESCRIPTION_MAX_BYTES = 200;

/**
 * Grace period before QUIT is sent for a user with an account or claim key that has lost its last connection.
 */
export const GRACE_PERIOD_MS = 30_000;
/** Most messages in the response to one CHATHISTORY (ISUPPORT CHATHISTORY). */
export const CHATHISTORY_MAX_MESSAGES = 1000;
/** A CHATHISTORY response stops growing beyond this size, so that it always fits a send queue. */
export const CHATHISTORY_MAX_BYTES = 512 * 1024;
/**
 * A client that requests responses longer than this within one turn floods the server, whatever they are; in UTF-16
 * units.
 */
export const TURN_RESPONSE_MAX_LENGTH = 3 * 1024 * 1024;
/**
 * Client-only tags of more bytes than this, in wire form, are delivered and not recorded, of which their sender is
 * notified: one line has space for 4094 (message-tags, "Size limit"), eight times the text beside them, and the log
 * is shared by all users. A reply, a reaction and a sender id fit several times.
 */
export const MAX_RECORDED_TAGS_BYTES = 512;
/** Most bytes of a quit reason as other users see it. */
export const QUIT_REASON_MAX_BYTES = 300;
/** Most messages replayed to a client that cannot request history, when it joins a channel. */
export const JOIN_REPLAY_MESSAGES = 30;
/** Most rows of WHO and LIST, so that a response always fits a send queue. */
export const QUERY_MAX_ROWS = 2000;
/**
 * In a channel of this many members or more, a member is announced with its first action there. Among n users,
 * joins and quits alone would otherwise be n² lines: a server's restart causes so many at once that no person can
 * read them.
 */
export const LARGE_CHANNEL_MEMBERS = 500;
/** Idle channels of which the log holds nothing and the topic is kept. */
export const MAX_IDLE_TOPICS = 10_000;
/**
 * Idle channels of which the log holds nothing and the settings are kept. Channels that an account owns count in
 * neither bound.
 */
export const MAX_IDLE_SETTINGS = 10_000;
/**
 * Idle channels of which the log holds nothing, owned by one account and with nothing set; beyond that its oldest
 * are dropped.
 */
export const MAX_PLAIN_CHANNELS_OF_ACCOUNT = 25;
/**
 * An address may create a channel while this factor times the number of its channels is below the number of free
 * ones: it gets a fifth at most.
 */
export const CHANNEL_SHARE_DIVISOR = 4;
/** Most server bans and mutes together. */
export const MAX_BANS = 1_000;
/** Most channels that one user is invited to and has not joined yet; beyond that the oldest invitation is dropped. */
export const MAX_INVITES = 100;
/** Time for which a former name leads to its channel and is taken, if the channel has members or an owner. */
export const FORMER_NAME_MS = DAY_MS;
/** Most former names; beyond that the oldest is dropped. */
export const MAX_FORMER_NAMES = 1_000;
/** Most former names of one channel, so that an owner cannot hold one name after the other. */
export const MAX_FORMER_NAMES_OF_CHANNEL = 3;
/** Shortest time between two renames of a channel. */
export const RENAME_INTERVAL_MS = 10_000;
/**
 * A client without channel-rename is sent a new JOIN and NAMES: a rename that would send more names than this, over
 * all such clients, is refused.
 */
export const RENAME_MAX_NAMES = 250_000;
/** Time for which a sender can redact a message; operators can as long as the log holds it. */
export const REDACT_WINDOW_MS = DAY_MS;
/** Most receipts that one session awaits at one time. */
export const MAX_RECEIPTS = 64;
/** Most receipts that all sessions together await. */
export const MAX_RECEIPTS_TOTAL = 100_000;
/** Most names and channels that one observer may follow. */
export const MAX_FOLLOWED = 100;

/** Name of an observer, which has no nick, in notices. */
export const OBSERVER_NAME = "(observer)";
