export interface Ban {
  readonly kind: BanKind;
  readonly mask: string;
  /** "" for none. */
  readonly reason: string;
  /** Nick of who set it, or the server's name. */
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Milliseconds since the epoch; 0: for good. */
  readonly until: number;
}
export type BanKind = "ban" | "mute";
