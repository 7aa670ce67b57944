/** Messages between a simulated front and hub, and what a front sees of its relay. */
import type { PresentedLine, PresentedSession } from "../../../lib/hub/handover/presentation.ts";
import type { SimLink } from "./sim_link.ts";

export type UpMessage =
  | {
    readonly kind: "hello";
    readonly front: string;
    readonly sessions: readonly Omit<PresentedSession, "id">[];
  }
  | { readonly kind: "open"; readonly nth: number }
  | { readonly kind: "lines"; readonly nth: number; readonly lines: readonly PresentedLine[] }
  | { readonly kind: "closed"; readonly nth: number; readonly reason: string };

export type DownMessage =
  /** The hub does not take the front. */
  | { readonly kind: "refused"; readonly why: string }
  /** It has taken the sessions over, except these. */
  | { readonly kind: "resumed"; readonly refused: readonly { readonly nth: number; readonly why: string }[] }
  /** A whole turn. */
  | {
    readonly kind: "turn";
    readonly seq: number;
    readonly states: readonly { readonly nth: number; readonly state: Uint8Array }[];
    readonly texts: readonly { readonly nth: number; readonly lines: readonly string[] }[];
    readonly answered: readonly { readonly nth: number; readonly line: number }[];
    /** Sessions of clients that have left, and that the hub has ended. */
    readonly gone: readonly number[];
    readonly ended: readonly number[];
  };

export type SimRelay = SimLink<UpMessage, DownMessage>;
