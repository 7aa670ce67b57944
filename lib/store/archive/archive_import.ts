/**
 * Adds the records of an export (archive_export.ts) to an archive of the same log: those that it does not have, and
 * none that was redacted in it. Each batch is one transaction, and importing the same again changes nothing.
 *
 * A room may have another name now, and another room the old one. So a conversation of the export is the one that has
 * its records here; only if the archive has none of them, it is the one of that name.
 *
 * Names and deletions are as of a cursor. An archive that ends before the export would have the export's names and its
 * own, so an export fills either an archive that goes at least as far, or one with nothing in it, as a whole. The
 * former has to know what was renamed, retired or deleted since (former_name_table.ts): a conversation of a name that was
 * given up is left out, unless it has records here.
 */
import type { ArchiveLoss, ConversationKey } from "../../log/archive.ts";
import type { ExportedConversation, ExportedMember, ExportedRecord } from "./archive_export.ts";
import { ENTRY_KINDS, parseConversationIds } from "./archive_schema.ts";
import type { ArchiveWriter } from "./archive_writer.ts";
import type { ConversationRow } from "./conversation_table.ts";
import type { FormerName } from "./former_name_table.ts";
import { readLosses } from "./loss_table.ts";

/** What a whole export says beside its records. */
export interface ExportEnd {
  readonly redacted: readonly number[];
  readonly formerNames: readonly FormerName[];
  readonly losses: readonly ArchiveLoss[];
  readonly members: readonly ExportedMember[];
}

/**
 * `older`: the archive ends before the export. `part`: only a whole export can fill an archive with nothing in it.
 * `unknown`: the archive does not know all that was renamed, retired or deleted between the export and `changesFrom`;
 * {@link ImportOptions} may accept that.
 */
export type ImportRefusal =
  | { readonly kind: "older"; readonly cursor: number }
  | { readonly kind: "unknown"; readonly changesFrom: number }
  | { readonly kind: "part" };

export interface ExportHead {
  /** Every record below this number is in the export, if it is a whole one. */
  readonly cursor: number;
  /** Of the archive that was exported; see `former_name_table.ts`. */
  readonly changesFrom: number;
  readonly isComplete: boolean;
}

export interface ImportOptions {
  /** Also if the archive does not know all that was renamed, retired or deleted since. */
  readonly acceptsOlder?: boolean;
}

export class ArchiveImport {
  readonly #writer: ArchiveWriter;
  readonly #head: ExportHead;
  /** Ids of the archive by those of the export, where both have a record. */
  readonly #matched = new Map<number, number>();
  /** Conversations of the archive by the id of the export; undefined: it is retired. */
  readonly #rows = new Map<number, ConversationRow | undefined>();
  readonly #pruned = new Map<number, number>();
  readonly #acceptsOlder: boolean;
  /** Whether the archive knows what was renamed, retired or deleted since. */
  readonly #knowsChanges: boolean;
  /** Channels of the export that are taken under the name that they had. */
  readonly #unsureRooms = new Set<number>();
  /** Number of records that were left out: of conversations that are retired, or have given up their name. */
  leftOut = 0;

  constructor(writer: ArchiveWriter, head: ExportHead, { acceptsOlder = false }: ImportOptions = {}) {
    this.#writer = writer;
    this.#head = head;
    this.#acceptsOlder = acceptsOlder;
    this.#knowsChanges = writer.cursor === 0 || writer.formerNames.changesFrom <= head.cursor;
  }

  /** Number of channels of which it is unknown whether they were renamed or retired since; undefined: all is known. */
  get unsureRooms(): number | undefined {
    return this.#knowsChanges ? undefined : this.#unsureRooms.size;
  }

  /** Why the export cannot be imported; undefined: it can. */
  get refusal(): ImportRefusal | undefined {
    const { cursor } = this.#writer;
    if (cursor === 0) return this.#head.isComplete ? undefined : { kind: "part" };
    if (cursor < this.#head.cursor) return { kind: "older", cursor };
    if (this.#knowsChanges || this.#acceptsOlder) return undefined;
    return { kind: "unknown", changesFrom: this.#writer.formerNames.changesFrom };
  }

  /** Notes which conversations the records that both have belong to; called for all records before the first is added. */
  match(records: readonly ExportedRecord[]): void {
    for (const { seq, conversations } of records) {
      if (conversations.every(({ id }) => this.#matched.has(id))) continue;
      const ids = parseConversationIds(this.#writer.records.get(seq)?.conversations ?? "");
      if (ids.length !== conversations.length) continue;
      conversations.forEach(({ id }, nth) => this.#matched.set(id, ids[nth]!));
    }
  }

  /** Adds records that the archive does not have; returns how many. */
  add(records: readonly ExportedRecord[]): number {
    const isRedacted = this.#writer.db.prepare("SELECT 1 FROM redacted WHERE seq = ?");
    return this.#writer.change(() => {
      let added = 0;
      for (const { seq, time, kind, conversations, payload } of records) {
        const rows = conversations.flatMap((each) => this.#rowOf(each) ?? []);
        if (isRedacted.get(seq) !== undefined) continue;
        if (rows.length === 0) this.leftOut++;
        const indexed = kind === "message" ? 1 : 0;
        const row = { seq, time, kind: ENTRY_KINDS[kind], conversations: "", indexed, payload };
        if (rows.length > 0 && this.#writer.records.restore(row, rows)) added++;
      }
      return added;
    });
  }

  /** Takes over what a whole export says beside its records, after the last of them. */
  finish({ redacted, formerNames, losses, members }: ExportEnd): void {
    const { cursor, changesFrom } = this.#head;
    const own = this.#writer.cursor;
    this.#writer.apply(redacted.map((seq) => ({ kind: "remove", seq })));
    const change = () => this.#takeLosses(cursor, losses);
    if (cursor <= own) return this.#writer.change(change);
    this.#writer.advance(cursor, () => {
      change();
      this.#takeMembers(members);
      for (const former of formerNames) this.#writer.formerNames.add(former);
      this.#writer.formerNames.forgetBefore(changesFrom);
    });
  }

  /** Lost is what both have lost, and beyond the cursor of one of them what the other one has. */
  #takeLosses(cursor: number, losses: readonly ArchiveLoss[]): void {
    const { db, cursor: own } = this.#writer;
    const rest = [
      ...readLosses(db).flatMap((loss) => common(loss, [...losses, { from: cursor }])),
      ...losses.flatMap((loss) => common(loss, [{ from: own }])),
    ];
    db.exec("DELETE FROM loss");
    for (const loss of rest) this.#writer.losses.add(loss);
    const setPruned = db.prepare("UPDATE conversation SET pruned_until = min(pruned_until, ?) WHERE id = ?");
    for (const [id, until] of this.#pruned) {
      const row = this.#rows.get(id);
      if (row !== undefined) setPruned.run(until, row.id);
    }
  }

  #takeMembers(members: readonly ExportedMember[]): void {
    const { db } = this.#writer;
    db.exec("DELETE FROM member");
    const join = db.prepare("INSERT OR IGNORE INTO member VALUES (?, ?)");
    for (const { nick, conversations } of members) {
      for (const each of conversations) {
        const row = this.#rowOf(each);
        if (row !== undefined) join.run(nick, row.id);
      }
    }
  }

  #rowOf(conversation: ExportedConversation): ConversationRow | undefined {
    const { id, key, shown, prunedUntil } = conversation;
    if (!this.#rows.has(id)) {
      const own = this.#matched.get(id);
      const { conversations } = this.#writer;
      this.#rows.set(id, own === undefined ? this.#rowOfName(key, shown) : conversations.findById(own));
      const isUnsure = own === undefined && key.kind === "channel" && !this.#knowsChanges;
      if (isUnsure && this.#rows.get(id) !== undefined) this.#unsureRooms.add(id);
      this.#pruned.set(id, prunedUntil);
    }
    return this.#rows.get(id);
  }

  /** The conversation of that name; undefined: it was another one's, or its owner has ended. */
  #rowOfName(key: ConversationKey, shown: string): ConversationRow | undefined {
    const { conversations, formerNames } = this.#writer;
    const name = key.kind === "direct" ? key.owner : key.name;
    return formerNames.isFormer(name, this.#head.cursor) ? undefined : conversations.findOrCreate(key, shown);
  }
}

/** The parts of `loss` that are in `ranges`. */
function common(
  loss: ArchiveLoss,
  ranges: readonly { readonly from: number; readonly until?: number }[],
): ArchiveLoss[] {
  return ranges.flatMap(({ from, until = Infinity }) => {
    const part = { ...loss, from: Math.max(loss.from, from), until: Math.min(loss.until, until) };
    return part.from < part.until ? [part] : [];
  });
}
