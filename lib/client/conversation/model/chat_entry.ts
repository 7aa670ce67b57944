/** What the chat shows: facts, not yet words. Texts and names are as they came in; `entry_view.ts` makes them safe to show. */
import type { HistoryGap } from "../../../irc/vendor_extensions.ts";

/** How a message was meant: said, done (`/me`), or a NOTICE. */
export type MessageManner = "said" | "did" | "notice";

interface EntryTime {
  /** Milliseconds since the epoch. */
  readonly time: number;
}

export type ChatEntry =
  & EntryTime
  & (
    /** To everybody in a channel. */
    | {
      readonly kind: "message";
      readonly manner: MessageManner;
      readonly channel: string;
      readonly from: string;
      readonly text: string;
    }
    /** To one person. */
    | {
      readonly kind: "direct";
      readonly manner: MessageManner;
      readonly from: string;
      readonly to: string;
      readonly text: string;
    }
    | { readonly kind: "joined"; readonly channel: string; readonly nick: string }
    | { readonly kind: "left"; readonly channel: string; readonly nick: string; readonly reason: string }
    | {
      readonly kind: "removed";
      readonly channel: string;
      readonly nick: string;
      readonly by: string;
      readonly reason: string;
    }
    /** Off the server. */
    | { readonly kind: "gone"; readonly nick: string; readonly reason: string }
    | { readonly kind: "renamed"; readonly from: string; readonly to: string }
    /** Somebody has changed the modes of a channel; `text` says which, behind the name. */
    | { readonly kind: "mode"; readonly channel: string; readonly by: string; readonly text: string }
    /** We are asked in. */
    | { readonly kind: "invited"; readonly channel: string; readonly by: string }
    /** A channel has another name. */
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
      readonly channel: string | undefined;
      readonly from: string;
      readonly text: string;
      /** It is taken back. */
      readonly removed: boolean;
      /** The id of the message. */
      readonly to: string | undefined;
      readonly of?: string;
      readonly excerpt?: string;
    }
    | { readonly kind: "topic"; readonly channel: string; readonly by: string; readonly text: string }
    /** Messages of a channel, or with a person, that are lost: `count` of them, as far as anybody knows. */
    | {
      readonly kind: "gap";
      readonly target: string;
      readonly count: number | undefined;
      readonly why: HistoryGap["why"];
      /** Times of the last message before it and of the first after it, as far as there are any. */
      readonly from: number | undefined;
      readonly to: number | undefined;
    }
    /** What follows in a channel has not been read: `count` messages (or more), of which the last `shown` follow. */
    | {
      readonly kind: "unread";
      readonly channel: string;
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
