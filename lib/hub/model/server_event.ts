/** Server events: what happened on the server, for the server's own log, never for the chat's. */
export type ServerEvent =
  | { kind: "came"; nick: string; host: string; sessions: number }
  | { kind: "left"; nick: string; host: string; reason: string; sessions: number }
  | { kind: "renamed"; nick: string; to: string }
  | { kind: "turned_away"; nick: string; host: string; reason: string }
  /** `host`, which is not a trusted proxy, sent a forwarding header; reported once for each kind. */
  | { kind: "untrusted_proxy"; header: ForwardingHeader; host: string }
  /**
   * The name or password was wrong. `account`: the given name has no account. The name is not logged: it may be a
   * password in the wrong place.
   */
  | { kind: "login_failed"; nick: string; host: string; account?: "none" }
  | { kind: "opered" | "deopered"; nick: string }
  /** An account that `--oper` names is an operator; it exists since `since` (milliseconds since the epoch). */
  | { kind: "oper_named"; name: string; since: number }
  /** `--oper` has no effect: the account does not exist, or is not the one that was an operator by that name. */
  | { kind: "oper_missing" | "oper_changed"; name: string }
  /** `by` ended all sessions of `nick`. */
  | { kind: "killed"; nick: string; by: string; reason: string }
  /** `until` in milliseconds since the epoch; 0: no time limit. */
  | { kind: "banned" | "muted"; mask: string; by: string; until: number; reason: string }
  | { kind: "unbanned" | "unmuted"; mask: string; by: string }
  /** `by` ran the console command `command`, which contains no secret; `failure`: reason why it was not done. */
  | { kind: "administered"; by: string; command: string; failure?: string }
  /** The saved fact of kind `fact` and key `key` cannot be used; `instead` says what holds in its place. */
  | { kind: "fact_unreadable"; fact: string; key: string; why: string; instead: string }
  | { kind: "facts_unreadable"; more: number }
  /** The clock was set forward by `ms`, or back where that is below 0. */
  | { kind: "clock_set"; ms: number }
  /**
   * When the server started, the newest message had the time `newest`, later than the clock's `now` (milliseconds
   * since the epoch).
   */
  | { kind: "clock_behind"; newest: number; now: number };

/** Headers that name the client behind a proxy. */
export type ForwardingHeader = "PROXY" | "WEBIRC" | "Forwarded" | "X-Forwarded-For";
