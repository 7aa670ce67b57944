/** Who came, left, changed the name or was refused: for the server's own log, never for the chat's. */
export type ServerEvent =
  | { kind: "came"; nick: string; host: string; sessions: number }
  | { kind: "left"; nick: string; host: string; reason: string; sessions: number }
  | { kind: "renamed"; nick: string; to: string }
  | { kind: "turned_away"; nick: string; host: string; reason: string }
  /** `host`, which is no trusted proxy, has sent what proxies send; told once for each kind of header. */
  | { kind: "untrusted_proxy"; header: ForwardingHeader; host: string }
  /** Name or password were wrong. */
  /** `account`: the name that was given has none. It is not told: it may be a password in the wrong place. */
  | { kind: "login_failed"; nick: string; host: string; account?: "none" }
  | { kind: "opered" | "deopered"; nick: string }
  /** An account that `--oper` names is an operator; `since` (milliseconds since the epoch) there is that account. */
  | { kind: "oper_named"; name: string; since: number }
  /** `--oper` has no effect: there is no such account, or it is another one than was an operator by that name. */
  | { kind: "oper_missing" | "oper_changed"; name: string }
  /** `by` has ended all sessions of `nick`. */
  | { kind: "killed"; nick: string; by: string; reason: string }
  /** `until` in milliseconds since the epoch; 0: for good. */
  | { kind: "banned" | "muted"; mask: string; by: string; until: number; reason: string }
  | { kind: "unbanned" | "unmuted"; mask: string; by: string }
  /** `by` has given the console's command `command`, in which no secret is; `failure`: why it was not done. */
  | { kind: "administered"; by: string; command: string; failure?: string }
  /** What was saved of the kind `fact` under `key` cannot be taken in; `instead` says what holds in its place. */
  | { kind: "fact_unreadable"; fact: string; key: string; why: string; instead: string }
  | { kind: "facts_unreadable"; more: number }
  /** The clock was set forward by `ms`, or back where that is below 0. */
  | { kind: "clock_set"; ms: number }
  /** At the start the newest message was of the time `newest`, later than the clock's `now` (milliseconds since the epoch). */
  | { kind: "clock_behind"; newest: number; now: number };

/** What tells of a client behind a proxy. */
export type ForwardingHeader = "PROXY" | "WEBIRC" | "Forwarded" | "X-Forwarded-For";
