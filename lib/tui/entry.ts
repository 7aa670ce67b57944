/** What the chat shows: facts, not yet words. Texts and names are as they came in; `render.ts` makes them safe to show. */

/** How a message was meant: said, done (`/me`), or a NOTICE. */
export type Manner = "said" | "did" | "notice";

interface Common {
  /** Milliseconds since the epoch. */
  readonly time: number;
}

export type Entry =
  & Common
  & (
    /** To everybody in a room. */
    | {
      readonly kind: "message";
      readonly manner: Manner;
      readonly room: string;
      readonly from: string;
      readonly text: string;
    }
    /** To one person. */
    | {
      readonly kind: "direct";
      readonly manner: Manner;
      readonly from: string;
      readonly to: string;
      readonly text: string;
    }
    | { readonly kind: "joined"; readonly room: string; readonly nick: string }
    | { readonly kind: "left"; readonly room: string; readonly nick: string; readonly reason: string }
    | {
      readonly kind: "removed";
      readonly room: string;
      readonly nick: string;
      readonly by: string;
      readonly reason: string;
    }
    /** Off the server. */
    | { readonly kind: "gone"; readonly nick: string; readonly reason: string }
    | { readonly kind: "renamed"; readonly from: string; readonly to: string }
    | { readonly kind: "topic"; readonly room: string; readonly by: string; readonly text: string }
    /** A word of the program or the server. */
    | { readonly kind: "note"; readonly text: string }
    /** A sender that is no person: the server itself. */
    | { readonly kind: "server"; readonly from: string; readonly text: string }
    /** What went wrong. */
    | { readonly kind: "alarm"; readonly text: string }
  );
