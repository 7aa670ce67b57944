/** Entries that are no messages, in words. Pure. */
import { toPrintable, toPrintableText } from "../../../base/printable_text.ts";
import { isSameName } from "../../../irc/names/casemap.ts";
import type { ChatEntry } from "../../../client/conversation/model/chat_entry.ts";

export type PresenceEntry = ChatEntry & { readonly kind: "joined" | "left" | "quit" | "renamed" };

export function isPresence(entry: ChatEntry): entry is PresenceEntry {
  return entry.kind === "joined" || entry.kind === "left" || entry.kind === "quit" ||
    entry.kind === "renamed";
}

/** `carol joined`. */
export function describePresence(entry: PresenceEntry): string {
  switch (entry.kind) {
    case "joined":
      return `${toPrintable(entry.nick)} joined`;
    case "left":
    case "quit":
      return `${toPrintable(entry.nick)} left${formatReason(entry.reason)}`;
    case "renamed":
      return `${toPrintable(entry.from)} is now ${toPrintable(entry.to)}`;
  }
}

/** An entry that has a row of its own and is neither a message nor a gap; undefined: it is not shown. */
export function describeEvent(
  entry: ChatEntry,
  nick: string,
): { readonly text: string; readonly isAlarm: boolean } | undefined {
  switch (entry.kind) {
    case "kicked":
      return describeRemoval(entry, nick);
    case "mode":
      return plain(`${toPrintable(entry.by)} ${toPrintable(entry.text)}`);
    case "topic":
      return plain(
        entry.text === ""
          ? `${toPrintable(entry.by)} removed the topic`
          : `${toPrintable(entry.by)} set the topic: ${toPrintableText(entry.text)}`,
      );
    case "room_renamed":
      return plain(
        `${toPrintable(entry.by)} renamed ${toPrintable(entry.from)} to ${toPrintable(entry.to)}${
          formatReason(entry.reason)
        }`,
      );
    case "invited":
      return plain(`${toPrintable(entry.by)} invites you to ${toPrintable(entry.channel)}`);
    case "server":
      return plain(`${toPrintable(entry.from)}: ${toPrintableText(entry.text)}`);
    case "note":
      return plain(toPrintableText(entry.text));
    case "alarm":
      return { text: toPrintableText(entry.text), isAlarm: true };
    default:
      return undefined;
  }
}

function describeRemoval(
  { nick: removed, by, reason, isBanned }: ChatEntry & { kind: "kicked" },
  nick: string,
): { text: string; isAlarm: boolean } {
  const isOurs = isSameName(removed, nick);
  const what = isOurs
    ? isBanned ? "you are banned" : "you were removed"
    : `${toPrintable(removed)} was removed`;
  return { text: `${what} by ${toPrintable(by)}${formatReason(reason)}`, isAlarm: isOurs };
}

function plain(text: string): { text: string; isAlarm: boolean } {
  return { text, isAlarm: false };
}

function formatReason(reason: string): string {
  return reason === "" ? "" : ` (${toPrintableText(reason)})`;
}
