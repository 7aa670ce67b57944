/** An archive in plain memory: what the changes mean. */
import { assert } from "../../lib/base/assert.ts";
import type { ArchiveChange, ConversationKey, EntryKind } from "../../lib/log/archive.ts";
import { casefold } from "../../lib/irc/names/casemap.ts";
import type { MemberChannel } from "../../lib/hub/history/archive_changes.ts";

export interface ModelConversation {
  name: string;
  /** Kinds by sequence number. */
  readonly entries: Map<number, EntryKind>;
}

export class ArchiveModel {
  readonly conversations = new Map<string, ModelConversation>();
  readonly payloads = new Map<number, Uint8Array>();
  readonly members = new Map<string, readonly string[]>();
  readonly texts = new Map<number, string>();

  apply(change: ArchiveChange): void {
    switch (change.kind) {
      case "add": {
        const { seq, payload } = change.record;
        this.payloads.set(seq, payload);
        if (change.searchable !== undefined) this.texts.set(seq, change.searchable.text);
        for (const { conversation, name, kind } of change.entries) {
          const key = keyText(conversation);
          assert(this.conversations.get(key)?.entries.has(seq) !== true, `${key} has ${seq} once`);
          const known = this.conversations.get(key) ?? { name, entries: new Map() };
          this.conversations.set(key, known);
          known.entries.set(seq, kind);
        }
        return;
      }
      case "remove":
        this.payloads.delete(change.seq);
        this.texts.delete(change.seq);
        for (const { entries } of this.conversations.values()) entries.delete(change.seq);
        return;
      case "rename": {
        const [from, to] = [channelText(change.from), channelText(change.to)];
        const conversation = this.conversations.get(from);
        if (conversation === undefined) return;
        this.conversations.delete(from);
        this.conversations.set(to, { ...conversation, name: change.name });
        for (const [nick, channels] of this.members) {
          this.members.set(nick, channels.map((each) => each === change.from ? change.to : each));
        }
        return;
      }
      case "retire":
        this.conversations.delete(channelText(change.name));
        return;
      case "membership":
        if (change.channels.length === 0) this.members.delete(change.nick);
        else this.members.set(change.nick, change.channels);
        return;
      case "boot":
        return this.members.clear();
      case "forget":
        return this.#forget((owner) => owner === change.owner);
      case "forget_temporary":
        return this.#forget((owner) => owner.startsWith("~") && !change.except.includes(owner));
    }
  }

  /** The members as the archive has them stored. */
  *storedMembers(): Iterable<readonly [string, readonly MemberChannel[]]> {
    for (const [nick, channels] of this.members) {
      const found = channels.map((folded) => ({
        folded,
        name: this.conversations.get(channelText(folded))!.name,
      }));
      yield [nick, found];
    }
  }

  #forget(isGone: (owner: string) => boolean): void {
    for (const key of this.conversations.keys()) {
      const [kind, owner = ""] = key.split(" ");
      if (kind === "direct" && isGone(owner)) this.conversations.delete(key);
    }
  }
}

export function keyText(key: ConversationKey): string {
  return key.kind === "channel" ? channelText(key.name) : `direct ${key.owner} ${casefold(key.name)}`;
}

export function channelText(folded: string): string {
  return `channel ${folded}`;
}
