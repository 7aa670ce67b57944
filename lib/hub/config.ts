/** What the hub is told once. Everything with a bound has one here or in `irc/limits.ts`. */

export interface HubConfig {
  /** The server's name in every line it speaks itself; at most 63 bytes (RFC 2812 §1.1). */
  serverName: string;
  /** ISUPPORT NETWORK. */
  network: string;
  version: string;
  /** Names this log among all logs; second half of every msgid. */
  logId: string;
  /** Undefined: no password is asked for. Replaceable while running. */
  password: string | undefined;
  /** Lines of the message of the day; empty: 422. Replaceable while running. */
  motd: readonly string[];
  maxClients: number;
  /** Instead of LARGE_ROOM_MEMBERS. */
  largeRoom?: number;
  /** When the server started, milliseconds since the epoch. */
  startedAt: number;
  /** How the log is kept on disk; left out where it is not. */
  storage?: StorageState;
}

/** The disk beneath the log, as it is now. */
export interface StorageState {
  /** Milliseconds between syncs, or `always`: nothing is acknowledged before it is on disk. */
  readonly sync: number | "always";
  /** Why the log is not being saved, in words; undefined: it is. */
  readonly trouble: string | undefined;
}

/** The room that always exists; clients of our own enter it unasked. */
export const LOBBY = "#lobby";

/** A connection that has not registered by then is closed. */
export const REGISTRATION_TIMEOUT_MS = 30_000;
/** A session that has been silent this long is asked with a PING … */
export const PING_AFTER_MS = 60_000;
/** … and is let go when nothing has come this long after. */
export const PONG_TIMEOUT_MS = 60_000;
/** At most this many messages answer one CHATHISTORY (ISUPPORT CHATHISTORY). */
export const CHATHISTORY_MAX_MESSAGES = 1000;
/** An answer stops growing beyond this size, so that it always fits a send queue. */
export const CHATHISTORY_MAX_BYTES = 512 * 1024;
/** Who asks for more than this within one turn floods the server, whatever the answers; in UTF-16 units. */
export const TURN_ANSWER_MAX_LENGTH = 3 * 1024 * 1024;
/** What others read of why somebody left. */
export const QUIT_REASON_MAX_BYTES = 300;
/** At most this many are shown unasked to a client that can't ask for them, when it enters a room. */
export const PLAYBACK_MESSAGES = 30;
/** WHO and LIST stop after this many rows, for the same reason. */
export const QUERY_MAX_ROWS = 2000;
/**
 * Who enters a room of this many members or more is announced when they first do something there. Among n people the
 * comings and goings alone would else be n² lines: what a server's restart makes of them at once, nobody can read.
 */
export const LARGE_ROOM_MEMBERS = 500;
/** Rooms that nobody is in and of which the log holds nothing, but whose topic is kept. */
export const MAX_IDLE_TOPICS = 10_000;
/** Rooms that exist at one time, over all users. */
export const MAX_ROOMS = 10_000;
/** Messages that one session awaits something of at one time. */
export const MAX_AWAITED = 64;
/** Names and rooms that one observer may follow. */
export const MAX_FOLLOWED = 100;

/** How an observer, who has no name, is called in notices. */
export const OBSERVER = "(observer)";
