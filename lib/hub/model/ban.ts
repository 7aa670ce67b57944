export interface Ban {
  readonly kind: BanKind;
  readonly mask: string;
  /** "" for none. */
  readonly reason: string;
  /** Nick of the user that set it, or the server's name. */
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Milliseconds since the epoch; 0: no time limit. */
  readonly until: number;
}
export type BanKind = "ban" | "mute";
