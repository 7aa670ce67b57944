import { casefold } from "../../irc/names/casemap.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";
import type { HubContext, Services } from "../context.ts";
import { readMember, readTime } from "../log/facts.ts";
import { CHANNEL_MODES, LIST_LETTERS } from "../model/channel_modes.ts";
import type { ListLetter } from "../model/channel_modes.ts";
import { ChannelSettings, createMaskEntry } from "../model/channel_settings.ts";
import type { MaskEntry } from "../model/channel_settings.ts";
import type { ConversationLog } from "../model/conversation_log.ts";
import type { RecordPlace } from "../model/identifiers.ts";

/** An account that is remembered as an operator, and that there still is. */
export function hasRememberedOperator(
  { accounts }: Services,
  settings: ChannelSettings | undefined,
): boolean {
  for (const owner of settings?.operators ?? []) if (accounts.isPossibleOwner(owner)) return true;
  return false;
}

/** What has changed by the record at `place` is to be kept. */
export function saveSettings(
  context: HubContext,
  services: Services,
  target: ConversationLog,
  place: RecordPlace,
): void {
  const { settings } = target;
  if (settings === undefined) return;
  const seq = place.seq > 0 ? place.seq : context.ring.nextSeq - 1; // what is not recorded comes after all that is
  removeEndedOperators(services, settings);
  settings.seq = Math.max(settings.seq, seq);
  settings.changedAt = place.time;
  if (settings.isBlank) target.settings = undefined;
  services.facts.put(
    "room",
    casefold(target.name),
    settings.isBlank ? undefined : settingsFact(target, settings),
    seq,
  );
}

/** At a start: a crash may have kept what an account was in a channel and not that it has ended, and its owner id may come again. */
export function dropEndedOperators(services: Services): void {
  for (const { settings } of services.archive.channels.values()) {
    if (settings !== undefined) removeEndedOperators(services, settings);
  }
}
export function removeEndedOperators(
  { accounts, operatorQuota }: Services,
  { operators }: ChannelSettings,
): void {
  for (const owner of operators) {
    if (accounts.isPossibleOwner(owner)) continue;
    operators.delete(owner);
    operatorQuota.remove(owner);
  }
}
export function settingsFact({ name, createdAt }: ConversationLog, settings: ChannelSettings) {
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

/** Takes in what was saved of a channel. */
export function restoreChannel(
  _context: HubContext,
  services: Services,
  key: string,
  value: unknown,
  seq: number,
): void {
  const name = readMember(value, "name", "string");
  if (casefold(name) !== key) throw new TypeError("it is saved under another name than its own");
  const settings = new ChannelSettings();
  settings.flags = [...readMember(value, "flags", "string")].filter((letter) =>
    CHANNEL_MODES.get(letter)?.type === "D"
  ).sort().join("");
  settings.key = readMember(value, "key", "string");
  settings.limit = readMember(value, "limit", "number");
  settings.changedAt = readTime(value, "changedAt");
  settings.seq = seq;
  const { lists, operators, createdAt, setFrom } = value as {
    lists?: Partial<Record<ListLetter, unknown>>;
    operators?: unknown;
    createdAt?: unknown;
    setFrom?: unknown;
  };
  if (typeof setFrom === "string") settings.setFrom = setFrom;
  for (const letter of LIST_LETTERS) {
    settings.lists[letter].push(...readArray(lists?.[letter], letter).map(readMaskEntry));
  }
  for (const owner of readArray(operators, "operators")) {
    if (typeof owner !== "string") throw new TypeError("an operator is no owner");
    settings.operators.add(owner);
  }
  settings.updateRestrictions();
  const target = services.archive.channel(name);
  target.settings = settings;
  if (createdAt !== undefined) target.createdAt = readTime(value, "createdAt"); // an earlier version kept none
}

/** A channel whose settings cannot be read is closed: what they were may have kept others out. */
export function restoreUnreadableChannel(context: HubContext, services: Services, key: string): string {
  if (!isChannelName(key)) throw new TypeError("its key is no room's name");
  const settings = new ChannelSettings();
  settings.flags = "is";
  settings.changedAt = context.now;
  settings.seq = context.ring.nextSeq - 1; // what the log still holds of its modes is not all of them
  settings.updateRestrictions();
  services.archive.channel(key).settings = settings;
  return "the room is closed (+is) until the console or a server operator sets its modes anew";
}
export function readArray(value: unknown, name: string): unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`${name} is no list`);
  return value;
}
export function readMaskEntry(row: unknown): MaskEntry {
  const [mask, by, at] = readArray(row, "an entry of a list");
  if (typeof mask === "string" && typeof by === "string" && typeof at === "number") {
    return createMaskEntry(mask, by, at, 0);
  }
  throw new TypeError("an entry of a list is none");
}
