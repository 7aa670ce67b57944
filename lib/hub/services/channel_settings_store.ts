import { casefold } from "../../irc/names/casemap.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";
import type { EventLog } from "../log/event_log.ts";
import type { HistoryIndex } from "../history/history_index.ts";
import type { FactBuffer } from "../log/facts.ts";
import type { Accounts } from "./accounts/accounts.ts";
import type { OperatorQuota } from "./limits/operator_quota.ts";
import { readMember, readTime } from "../log/facts.ts";
import { CHANNEL_MODES, LIST_LETTERS } from "../model/channel_modes.ts";
import type { ListLetter, ModeChange } from "../model/channel_modes.ts";
import { createMaskEntry, MAX_CHANNEL_OPERATORS, MutableChannelSettings } from "../model/channel_settings.ts";
import type { ChannelSettings, MaskEntry } from "../model/channel_settings.ts";
import type { ConversationLog } from "../model/conversation_log.ts";
import { getOrCreateSettings, writableLog } from "../model/mutable_conversation_log.ts";
import type { OwnerId, RecordPlace, Source } from "../model/identifiers.ts";

/** What the store works with; the accounts tell which remembered operators still exist. */
export interface ChannelSettingsParts {
  readonly facts: FactBuffer;
  readonly log: EventLog;
  readonly accounts: Accounts;
  readonly history: HistoryIndex;
  readonly operatorQuota: OperatorQuota;
}

/**
 * Changes and saves channel settings, as facts beside the log. The settings themselves belong to each
 * {@link ConversationLog}.
 */
export class ChannelSettingsStore {
  readonly #parts: ChannelSettingsParts;

  constructor(parts: ChannelSettingsParts) {
    this.#parts = parts;
  }

  /** Whether an account that still exists is remembered as operator. */
  hasRememberedOperator(settings: ChannelSettings | undefined): boolean {
    for (const owner of settings?.operators ?? []) {
      if (this.#parts.accounts.isPossibleOwner(owner)) return true;
    }
    return false;
  }

  /** Applies `changes` that `by` made with the record at `place`; none of them concerns a member. */
  change(target: ConversationLog, changes: Iterable<ModeChange>, by: Source, place: RecordPlace): void {
    for (const change of changes) getOrCreateSettings(target).applyChange(change, by, place);
    this.save(target, place);
  }

  /**
   * Remembers the account with `owner` as operator of `target`. Undefined: done; otherwise the reason why not, as a
   * clause.
   */
  addOperator(target: ConversationLog, owner: OwnerId, place: RecordPlace): string | undefined {
    const { operatorQuota } = this.#parts;
    if ((target.settings?.operators.size ?? 0) >= MAX_CHANNEL_OPERATORS) {
      return `${target.name} remembers ${MAX_CHANNEL_OPERATORS} operators, which is the maximum`;
    }
    if (!operatorQuota.canAdd(owner)) {
      return `${operatorQuota.allowance} rooms remember you as operator, which is the maximum`;
    }
    getOrCreateSettings(target).operators.add(owner);
    operatorQuota.add(owner);
    this.save(target, place);
    return undefined;
  }

  removeOperator(target: ConversationLog, owner: OwnerId, place: RecordPlace): void {
    if (writableLog(target).settings?.operators.delete(owner)) this.#parts.operatorQuota.remove(owner);
    this.save(target, place);
  }

  /** Saves the settings of `target`, changed by the record at `place`. */
  save(target: ConversationLog, place: RecordPlace): void {
    const { settings } = writableLog(target);
    if (settings === undefined) return;
    const { facts, log } = this.#parts;
    const seq = place.seq > 0 ? place.seq : log.nextSeq - 1; // a change that is not recorded comes after all records
    this.#removeEndedOperators(settings);
    settings.seq = Math.max(settings.seq, seq);
    settings.changedAt = place.time;
    if (settings.isBlank) writableLog(target).settings = undefined;
    facts.put(
      "room",
      casefold(target.name),
      settings.isBlank ? undefined : settingsFact(target, settings),
      seq,
    );
  }

  /**
   * Called when the server starts: before a crash the end of an account may not have been saved while its operator
   * rights were, and its owner id may be given again.
   */
  dropEndedOperators(): void {
    for (const target of this.#parts.history.channels.values()) {
      const { settings } = writableLog(target);
      if (settings !== undefined) this.#removeEndedOperators(settings);
    }
  }

  /** Restores the saved settings of a channel. */
  restore(key: string, value: unknown, seq: number): void {
    const name = readMember(value, "name", "string");
    if (casefold(name) !== key) throw new TypeError("its name does not match its key");
    const settings = readSettings(value, seq);
    const createdAt = readCreationTime(value);
    const target = writableLog(this.#parts.history.channel(name));
    target.settings = settings;
    if (createdAt !== undefined) target.createdAt = createdAt;
  }

  /** Closes a channel of which the settings cannot be read: they may have kept users out. */
  restoreUnreadable(key: string, now: number): string {
    if (!isChannelName(key)) throw new TypeError("its key is not a room name");
    const settings = new MutableChannelSettings();
    settings.flags = "is";
    settings.changedAt = now;
    settings.seq = this.#parts.log.nextSeq - 1; // the log may hold only some of its mode changes
    settings.updateRestrictions();
    writableLog(this.#parts.history.channel(key)).settings = settings;
    return "the room is closed (+is) until a server operator changes its modes";
  }

  #removeEndedOperators({ operators }: MutableChannelSettings): void {
    const { accounts, operatorQuota } = this.#parts;
    for (const owner of operators) {
      if (accounts.isPossibleOwner(owner)) continue;
      operators.delete(owner);
      operatorQuota.remove(owner);
    }
  }
}

function settingsFact({ name, createdAt }: ConversationLog, settings: ChannelSettings) {
  const { flags, key, limit, lists, operators, changedAt, setFrom } = settings;
  const rows = (letter: ListLetter) => lists[letter].map(({ mask, by, at }) => [mask, by, at]);
  return {
    name,
    flags,
    key,
    limit,
    lists: { b: rows("b"), e: rows("e"), I: rows("I") },
    operators: [...operators],
    createdAt,
    changedAt,
    setFrom,
  };
}

/** Reads settings that were saved as `value` by the record `seq`; throws where they are not valid. */
function readSettings(value: unknown, seq: number): MutableChannelSettings {
  const settings = new MutableChannelSettings();
  settings.flags = [...readMember(value, "flags", "string")].filter((letter) =>
    CHANNEL_MODES.get(letter)?.type === "D"
  ).sort().join("");
  settings.key = readMember(value, "key", "string");
  settings.limit = readMember(value, "limit", "number");
  settings.changedAt = readTime(value, "changedAt");
  settings.seq = seq;
  const { lists, operators, setFrom } = value as {
    lists?: Partial<Record<ListLetter, unknown>>;
    operators?: unknown;
    setFrom?: unknown;
  };
  if (typeof setFrom === "string") settings.setFrom = setFrom;
  for (const letter of LIST_LETTERS) {
    settings.lists[letter].push(...readArray(lists?.[letter], letter).map(readMaskEntry));
  }
  for (const owner of readArray(operators, "operators")) {
    if (typeof owner !== "string") throw new TypeError("an operator is not an owner id");
    settings.operators.add(owner);
  }
  settings.updateRestrictions();
  return settings;
}

/** Time of creation; undefined: an earlier version did not save it. */
function readCreationTime(value: unknown): number | undefined {
  return (value as { createdAt?: unknown }).createdAt === undefined
    ? undefined
    : readTime(value, "createdAt");
}

function readArray(value: unknown, name: string): unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`${name} is not a list`);
  return value;
}

function readMaskEntry(row: unknown): MaskEntry {
  const [mask, by, at] = readArray(row, "an entry of a mask list");
  if (typeof mask === "string" && typeof by === "string" && typeof at === "number") {
    return createMaskEntry(mask, by, at, 0);
  }
  throw new TypeError("an entry of a mask list is not valid");
}
