/**
 * Memory of the mask lists of all channels. Each sweep counts it again, reading only the channels that have
 * changed; between sweeps each added mask is counted.
 */
import { subnetOf } from "../../../base/ip.ts";
import { utf16Bytes } from "./session_memory.ts";
import { LIST_LETTERS } from "../../model/channel_modes.ts";
import type { ChannelSettings, MaskEntry } from "../../model/channel_settings.ts";

/** Bound for all channels together; they take at most as much again on disk. */
export const MAX_LIST_BYTES = 32 * 1024 * 1024;
/** Bound for the masks set from one site, unless it is exempt. */
export const MAX_LIST_BYTES_PER_ADDRESS = MAX_LIST_BYTES / 16;
/**
 * Bytes of an entry beside its texts: the object and its compiled mask. Measured (V8 of Deno 2.9): 120 in a full
 * list, without compiled masks.
 */
export const LIST_ENTRY_BYTES = 384;

type Sums = Map<string, number>;

export class ListMemory {
  #total = 0;
  #bySite: Sums = new Map();
  #known = new WeakMap<
    ChannelSettings,
    { readonly changedAt: number; readonly seq: number; readonly sums: Sums }
  >();

  get total(): number {
    return this.#total;
  }

  /** Counts `entry` if it fits; `exempt`: it was set from an exempt address. False: it does not fit. */
  add(entry: Pick<MaskEntry, "mask" | "by">, exempt: boolean): boolean {
    const [site, bytes] = [listEntrySite(entry), listEntryBytes(entry)];
    const own = this.#bySite.get(site) ?? 0;
    if (this.#total + bytes > MAX_LIST_BYTES) return false;
    if (own + bytes > MAX_LIST_BYTES_PER_ADDRESS && !exempt) return false;
    this.#total += bytes;
    this.#bySite.set(site, own + bytes);
    return true;
  }

  /** Counts the lists of all channels again. */
  recount(channels: Iterable<{ readonly settings: ChannelSettings | undefined }>): void {
    this.#total = 0;
    this.#bySite = new Map();
    for (const { settings } of channels) {
      if (settings === undefined || LIST_LETTERS.every((letter) => settings.lists[letter].length === 0)) {
        continue;
      }
      for (const [site, bytes] of this.#sumsOf(settings)) {
        this.#total += bytes;
        this.#bySite.set(site, (this.#bySite.get(site) ?? 0) + bytes);
      }
    }
  }

  #sumsOf(settings: ChannelSettings): Sums {
    const { changedAt, seq } = settings;
    const known = this.#known.get(settings);
    if (known?.changedAt === changedAt && known.seq === seq) return known.sums;
    const sums: Sums = new Map();
    for (const entry of LIST_LETTERS.flatMap((letter) => settings.lists[letter])) {
      const site = listEntrySite(entry);
      sums.set(site, (sums.get(site) ?? 0) + listEntryBytes(entry));
    }
    this.#known.set(settings, { changedAt, seq, sums });
    return sums;
  }
}

export function listEntryBytes({ mask, by }: Pick<MaskEntry, "mask" | "by">): number {
  return LIST_ENTRY_BYTES + utf16Bytes(mask) + utf16Bytes(by);
}

function listEntrySite({ by }: Pick<MaskEntry, "by">): string {
  return subnetOf(by.slice(by.lastIndexOf("@") + 1));
}
