/** What is in the composer: a draft for each conversation, which may reply to a message or replace one. */
import { tellTyping } from "../../client/conversation/view_actions.ts";
import type { Draft } from "../model/drafts.ts";
import type { MessageRow } from "../model/row.ts";
import { ChatCore } from "./chat_core.ts";

export class ChatDrafts extends ChatCore {
  setText(text: string): void {
    const name = this.current.value;
    if (name === undefined) return;
    this.setDraft(name, { ...this.draft.value, text });
    const isTyping = text.trim() !== "" && !text.startsWith("/");
    this.update("other", (now) => tellTyping(this.chat, name, isTyping ? "active" : "done", now));
  }

  /** The next message replies to `row`. */
  replyTo(row: MessageRow): void {
    this.changeDraft(({ text, replaces }) => ({
      text: replaces === undefined ? text : "",
      replyTo: row.id,
    }));
  }

  /** What is in the composer is to stand in the place of `row`. */
  startEdit(row: MessageRow): void {
    this.changeDraft(() => ({ text: row.text, replaces: row.id }));
  }

  /** The next message neither replies nor replaces. */
  dropReference(): void {
    this.changeDraft(({ text, replaces }) => ({ text: replaces === undefined ? text : "" }));
  }

  /** The message that the draft replies to or replaces; undefined: none, or it is not loaded. */
  get reference(): MessageRow | undefined {
    const { replyTo, replaces } = this.draft.value;
    const index = this.rows.indexOfMessage(replyTo ?? replaces ?? "");
    const row = index === undefined ? undefined : this.rows.at(index);
    return row?.kind === "message" ? row : undefined;
  }

  changeDraft(change: (draft: Draft) => Draft): void {
    const name = this.current.value;
    if (name !== undefined) this.setDraft(name, change(this.draft.value));
  }

  protected setDraft(name: string, draft: Draft): void {
    this.model.drafts.set(name, draft);
    this.options.kept.saveDrafts(this.model.drafts.list());
    this.options.tabs.post({ kind: "draft", name, draft });
    if (name === this.current.value) this.draft.value = draft;
  }
}
