/** Messages of the service OnCall that ring (docs/protocol/oncall.md). Pure. */
import { isSameName } from "../../../irc/names/casemap.ts";
import { ONCALL_SERVICE } from "../../../irc/oncall.ts";
import type { MessageRow, RowList } from "../../model/row.ts";

const ANSWER = /; answer: ack (\d{1,9})\)$/;

/** The number of the page that the message rings for; undefined: it rings for none. */
export function findRingingPage({ from, manner, text }: MessageRow): string | undefined {
  if (manner !== "said" || !isSameName(from, ONCALL_SERVICE)) return undefined;
  return ANSWER.exec(text)?.[1];
}

/** What acknowledges the page. */
export function makeAcknowledgement(number: string): { readonly command: string; readonly params: string[] } {
  return { command: "PRIVMSG", params: [ONCALL_SERVICE, `ack ${number}`] };
}

/** Whether one of the rows, which are those of the conversation with OnCall, tells that the page does not ring any more. */
export function isSettled(rows: RowList, number: string): boolean {
  const end = new RegExp(`^(?:You have acknowledged )?page ${number} \\(`);
  for (let index = rows.count - 1; index >= 0; index--) {
    const row = rows.at(index);
    if (row.kind === "message" && isSameName(row.from, ONCALL_SERVICE) && end.test(row.text)) return true;
  }
  return false;
}

/** Ids of the rows that are pages. */
export function listPages(rows: RowList): string[] {
  const ids: string[] = [];
  for (let index = 0; index < rows.count; index++) {
    const row = rows.at(index);
    if (row.kind === "message" && row.id !== undefined && findRingingPage(row) !== undefined) {
      ids.push(row.id);
    }
  }
  return ids;
}
