/** What a person does with messages that wait to be sent, or could not be delivered. */
import type { Chat } from "../../../client/conversation/chat.ts";
import type { Draft } from "../../model/drafts.ts";
import type { PageModel } from "../../model/page_model.ts";
import type { MessageRow } from "../../model/row.ts";
import type { KeptState } from "../../storage/kept_state.ts";
import type { ChatSignals } from "../chat_signals.ts";

/** The session. */
export interface UnsentHost extends Pick<ChatSignals, "draft"> {
  readonly chat: Chat;
  readonly model: PageModel;
  readonly options: { readonly kept: Pick<KeptState, "dropUnsent"> };
  update(origin: "other", change: (now: number) => void): void;
  changeDraft(change: (draft: Draft) => Draft): void;
}

/** Sends a message again that has failed. */
export function retry(host: UnsentHost, row: MessageRow): void {
  forget(host, row); // it gets another id
  host.update("other", (now) => host.model.retry(row, now));
}

/** Removes a message that has failed. */
export function dismiss(host: UnsentHost, row: MessageRow): void {
  forget(host, row);
  host.update("other", () => host.model.dismiss(row));
}

function forget({ options: { kept } }: UnsentHost, { senderId }: MessageRow): void {
  if (senderId !== undefined) kept.dropUnsent(senderId);
}

/** Puts the text of a message that has failed into the composer, behind what is there. */
export function rewrite(host: UnsentHost, row: MessageRow): void {
  host.changeDraft((draft) => ({ ...draft, text: addText(draft, row.text) }));
  dismiss(host, row);
}

/** Takes back a message that waits to be sent. Its text, if `isEdited`, goes to the composer. */
export function withdraw(host: UnsentHost, { senderId = "" }: MessageRow, isEdited: boolean): void {
  host.update("other", () => {
    const message = host.chat.sendTracker.withdraw(senderId);
    if (message === undefined || !isEdited) return;
    const { text, replyTo, replaces } = message;
    host.changeDraft((draft) => ({ text: addText(draft, text), replyTo, replaces }));
  });
}

function addText(draft: Draft, text: string): string {
  return draft.text === "" ? text : `${draft.text}\n${text}`;
}

export function canWithdraw({ chat }: UnsentHost, { senderId = "" }: MessageRow): boolean {
  return chat.outbox.findUnsent(senderId) !== undefined;
}
