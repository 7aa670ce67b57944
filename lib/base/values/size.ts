/** Sizes in bytes as people write and read them: `65536`, `512KiB`, `1MiB`. */

const FACTOR: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1024,
  kib: 1024,
  kb: 1000,
  m: 1024 ** 2,
  mib: 1024 ** 2,
  mb: 1000 ** 2,
  g: 1024 ** 3,
  gib: 1024 ** 3,
  gb: 1000 ** 3,
};

/**
 * Whole bytes of `text`; undefined if it is not a size. `KiB` is 1024 bytes, `kB` is 1000, and `K` is short
 * for `KiB`.
 */
export function parseSize(text: string): number | undefined {
  const parts = /^(\d+(?:\.\d+)?) ?([A-Za-z]*)$/.exec(text);
  const factor = FACTOR[(parts?.[2] ?? "?").toLowerCase()];
  if (parts === null || factor === undefined) return undefined;
  const bytes = Number(parts[1]) * factor;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/**
 * `bytes` in the largest binary unit that is not larger, with one decimal if needed: `1 MiB`, `1.5 MiB`, `512
 * KiB`, `97 B`.
 */
export function formatSize(bytes: number): string {
  const units = ["GiB", "MiB", "KiB"];
  for (const unit of units) {
    const amount = bytes / FACTOR[unit.toLowerCase()]!;
    if (amount >= 1) return `${Number.isInteger(amount) ? amount : amount.toFixed(1)} ${unit}`;
  }
  return `${bytes} B`;
}
