/** What the chat shows: facts, not yet words. Texts and names are as they came in; `render.ts` makes them safe to show. */
import type { Gap } from "../irc/vendor.ts";

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
    /** Somebody has changed the modes of a room; `text` says which, behind the name. */
    | { readonly kind: "mode"; readonly room: string; readonly by: string; readonly text: string }
    /** We are asked in. */
    | { readonly kind: "invited"; readonly room: string; readonly by: string }
    /** A room has another name. */
    | {
      readonly kind: "room_renamed";
      readonly from: string;
      readonly to: string;
      readonly by: string;
      readonly reason: string;
    }
    /** A message is taken back; `of` and `at`: whose it was and when it was said, if that was seen. */
    | {
      readonly kind: "taken_back";
      readonly target: string;
      readonly by: string;
      readonly of: string | undefined;
      readonly at: number | undefined;
      readonly reason: string;
    }
    /** To a message of which `of` and `excerpt` tell whose it is and how it begins, if that was seen. */
    | {
      readonly kind: "reaction";
      /** Undefined: in a direct conversation. */
      readonly room: string | undefined;
      readonly from: string;
      readonly text: string;
      /** It is taken back. */
      readonly removed: boolean;
      /** The id of the message. */
      readonly to: string | undefined;
      readonly of?: string;
      readonly excerpt?: string;
    }
    | { readonly kind: "topic"; readonly room: string; readonly by: string; readonly text: string }
    /** Messages of a room, or with a person, that are lost: `count` of them, as far as anybody knows. */
    | {
      readonly kind: "gap";
      readonly target: string;
      readonly count: number | undefined;
      readonly why: Gap["why"];
      /** Times of the last message before it and of the first after it, as far as there are any. */
      readonly from: number | undefined;
      readonly to: number | undefined;
    }
    /** What follows in a room has not been read: `count` messages (or more), of which the last `shown` follow. */
    | {
      readonly kind: "unread";
      readonly room: string;
      readonly count: number;
      readonly isAtLeast: boolean;
      readonly shown: number;
      /** Time of the last message that has been read. */
      readonly since: number;
    }
    /** A word of the program or the server. */
    | { readonly kind: "note"; readonly text: string }
    /** A sender that is no person: the server itself. */
    | { readonly kind: "server"; readonly from: string; readonly text: string }
    /** What went wrong. */
    | { readonly kind: "alarm"; readonly text: string }
  );
