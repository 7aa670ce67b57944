/** What the hub is told once. Everything with a bound has one here or in `irc/limits.ts`. */
import { LOOPBACK } from "../../base/ip.ts";
import type { Rate } from "../../base/token_bucket.ts";
import type { HostCloak } from "./host_cloak.ts";

/** What `Hub.reconfigure` replaces while the hub runs. */
export interface ReplaceableConfig {
  /** Undefined: no password is asked for. */
  readonly password: string | undefined;
  /** Lines of the message of the day; empty: 422. */
  readonly motd: readonly string[];
  /** Strict Transport Security: plain clients are told this TLS port, TLS clients how long to insist on it. Set before the first client connects. */
  readonly sts?: { readonly port: number; readonly seconds: number };
  /** Instead of LARGE_CHANNEL_MEMBERS. */
  readonly largeChannel?: number;
}

export interface HubConfig extends ReplaceableConfig {
  /** The server's name in every line it speaks itself; at most 63 bytes (RFC 2812 §1.1). */
  readonly serverName: string;
  /** ISUPPORT NETWORK. */
  readonly network: string;
  readonly version: string;
  /** Names this log among all logs; second half of every msgid. */
  readonly logId: string;
  readonly maxClients: number;
  /** Whether names can have accounts, and whether everybody needs one. */
  readonly accounts: "open" | "required" | "off";
  /** Folded names of the accounts of those who run the server; see `server_operators.ts`. */
  readonly opers: ReadonlySet<string>;
  /** So many random bytes: the hub has no chance of its own. */
  readonly random: (bytes: number) => Uint8Array;
  /** Bytes of messages that are kept beyond the ring; left out: RETAINED_SHARE of its capacity. */
  readonly retainedBytes?: number;
  /** Messages of a channel that are replayed to a client which enters it, 0 for none; left out: PLAYBACK_MESSAGES. */
  readonly replay?: number;
  /** Instead of PIECE_UNITS. */
  readonly pieceUnits?: number;
  /** Who runs the server and how to reach him, for ADMIN; left out: nobody says. */
  readonly admin?: string;
  /** What the server says it is (LINKS, WHOIS); left out: the name of the network. At most DESCRIPTION_MAX_BYTES, one line. */
  readonly description?: string;
  /** ISUPPORT draft/ICON: the URL of an image; left out: there is none. */
  readonly icon?: string;
  /** The channel that always exists; left out: {@link LOBBY}; "": none does. */
  readonly lobby?: string;
  /** The shortest passphrase of a new account, in bytes; left out: PASSPHRASE_MIN_BYTES. */
  readonly passphraseMinBytes?: number;
  /** What others see instead of addresses; left out: they see the addresses. */
  readonly cloak?: HostCloak;
  /** When the server started, milliseconds since the epoch. */
  readonly startedAt: number;
  /** When the log was made, and the lobby with it, milliseconds since the epoch; left out: now. */
  readonly logCreatedAt?: number;
  /** How the log is kept on disk; left out where it is not. */
  readonly storage?: StorageState;
  /** What is left out is as in DEFAULT_LIMITS. */
  readonly limits?: Partial<HubLimits>;
}

/** Bounds that whoever runs the server may choose. */
export interface HubLimits {
  /** Channels that one user is in (ISUPPORT CHANLIMIT). */
  channelsPerUser: number;
  /** Channels that exist at one time, over all users. */
  channels: number;
  /** Members of one channel. */
  channelMembers: number;
  /** Changes of one user's nick. */
  nickChanges: Rate;
  /** Failed attempts to log in, per address. */
  loginFailures: Rate;
  /** Accounts made, per address. */
  registrations: Rate;
  /** Milliseconds; a connection that has not registered by then is closed. */
  registerTimeoutMs: number;
  /** Milliseconds; a session that has been silent this long is asked with a PING, and let go as long again after that. */
  pingTimeoutMs: number;
  /** Addresses, blocks of them (CIDR) and names of hosts whose number and speed is not bounded. */
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
  // A tick comes up to 5 s later (server/server.ts), and nginx ends a connection whose server is silent for 60 s:
  // https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_read_timeout
  pingTimeoutMs: 45_000,
  exempt: LOOPBACK,
};

/** The disk beneath the log, as it is now. */
export interface StorageState {
  /** Milliseconds between syncs, or `always`: nothing is acknowledged before it is on disk. */
  readonly sync: number | "always";
  /** Why the log is not being saved, in words; undefined: it is. */
  readonly trouble: string | undefined;
}

/** The channel that always exists unless the server is told otherwise; clients of our own enter it unasked. */
export const LOBBY = "#lobby";

/** The channel that always exists; "": none does. */
export function lobbyOf({ lobby = LOBBY }: HubConfig): string {
  return lobby;
}

/** Fits the line of LINKS behind the longest names of a server (twice) and of the client that asks. */
export const DESCRIPTION_MAX_BYTES = 200;

/** Whoever has a key to his name may come back so long after his last connection broke before others hear of it. */
export const GRACE_PERIOD_MS = 30_000;
/** At most this many messages answer one CHATHISTORY (ISUPPORT CHATHISTORY). */
export const CHATHISTORY_MAX_MESSAGES = 1000;
/** An answer stops growing beyond this size, so that it always fits a send queue. */
export const CHATHISTORY_MAX_BYTES = 512 * 1024;
/** Who asks for more than this within one turn floods the server, whatever the answers; in UTF-16 units. */
export const TURN_RESPONSE_MAX_LENGTH = 3 * 1024 * 1024;
/**
 * Client-only tags of more bytes than this, in wire form, are delivered and not recorded, of which their sender is told: one line
 * has space for 4094 (message-tags, "Size limit"), eight times the text beside them, and the log is shared by all. A reply, a
 * reaction and an id of a client fit several times.
 */
export const MAX_RECORDED_TAGS_BYTES = 512;
/** What others read of why somebody left. */
export const QUIT_REASON_MAX_BYTES = 300;
/** At most this many are shown unasked to a client that can't ask for them, when it enters a channel. */
export const JOIN_REPLAY_MESSAGES = 30;
/** WHO and LIST stop after this many rows, for the same reason. */
export const QUERY_MAX_ROWS = 2000;
/**
 * Who enters a channel of this many members or more is announced when they first do something there. Among n people the
 * comings and goings alone would else be n² lines: what a server's restart makes of them at once, nobody can read.
 */
export const LARGE_CHANNEL_MEMBERS = 500;
/** Channels that nobody is in and of which the log holds nothing, but whose topic is kept. */
export const MAX_IDLE_TOPICS = 10_000;
/** The same channels, but of those whose settings are kept. Channels that an account owns are in neither bound. */
export const MAX_IDLE_SETTINGS = 10_000;
/** The same channels, but owned by one account and with nothing set in them; of more its oldest are forgotten. */
export const MAX_PLAIN_CHANNELS_OF_ACCOUNT = 25;
/** One address may make a channel as long as those it has made are fewer than the free ones by this factor: it gets a fifth at most. */
export const CHANNEL_SHARE_DIVISOR = 4;
/** Bans and mutes of the server, together. */
export const MAX_BANS = 1_000;
/** Channels that somebody is invited to and has not entered yet; of more the oldest is forgotten. */
export const MAX_INVITES = 100;
/** A name that a channel had leads to it, and is taken, for so long while the channel has members or an owner. */
export const FORMER_NAME_MS = 24 * 60 * 60_000;
/** Names that channels had, and that are known; of more the oldest is forgotten. */
export const MAX_FORMER_NAMES = 1_000;
/** … and of one channel, so that an owner can't hold one name after the other. */
export const MAX_FORMER_NAMES_OF_CHANNEL = 3;
/** A channel gets no other name again before. */
export const RENAME_INTERVAL_MS = 10_000;
/** Who does not know of renaming comes in anew, and gets all names: so many, over all of them, are too many. */
export const RENAME_MAX_NAMES = 250_000;
/** What one has said oneself one can take back for so long; operators can as long as the log holds it. */
export const REDACT_WINDOW_MS = 24 * 60 * 60_000;
/** Messages that one session awaits something of at one time. */
export const MAX_RECEIPTS = 64;
/** And all sessions together. */
export const MAX_RECEIPTS_TOTAL = 100_000;
/** What each of them takes. Measured (V8 of Deno 2.9): 260 to 505. */
export const RECEIPT_BYTES = 512;
/** Names and channels that one observer may follow. */
export const MAX_FOLLOWED = 100;

/** How an observer, who has no name, is called in notices. */
export const OBSERVER_NAME = "(observer)";
