/** Who came, left, changed the name or was refused: for the server's own log, never for the chat's. */
export type Notice =
  | { kind: "came"; nick: string; host: string; sessions: number }
  | { kind: "left"; nick: string; host: string; reason: string; sessions: number }
  | { kind: "renamed"; nick: string; to: string }
  | { kind: "turned_away"; nick: string; host: string; reason: string }
  /** Name or password were wrong. */
  | { kind: "login_failed"; nick: string; host: string }
  | { kind: "opered" | "deopered"; nick: string }
  /** `by` has ended all sessions of `nick`. */
  | { kind: "killed"; nick: string; by: string; reason: string }
  /** `until` in milliseconds since the epoch; 0: for good. */
  | { kind: "banned" | "muted"; mask: string; by: string; until: number; reason: string }
  | { kind: "unbanned" | "unmuted"; mask: string; by: string };
