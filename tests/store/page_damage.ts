/** Damage to pages of a database file, as a failing disk leaves it: the same for the same random numbers. */
import type { Random } from "../irc/property.ts";

export const PAGE_BYTES = 4096;

/**
 * `garbage`: random bytes. `zeros`. `cells`: random bytes behind the header of a page that has cells, with pointers to
 * them. `copy`: the bytes of another page, which is still there. `swap`: two pages in each other's places.
 */
export type PageDamage = "garbage" | "zeros" | "cells" | "copy" | "swap";

/** Page types of tables and indexes, inner ones and leaves (https://sqlite.org/fileformat2.html#b_tree_pages). */
const PAGE_TYPES = [2, 5, 10, 13];
const FIRST_LEAF_TYPE = 10;

/** Damages between three and six pages of the file at `path`; but for garbage, not the first one. */
export function damagePages(path: string, random: Random, kinds: readonly PageDamage[]): void {
  const file = Deno.readFileSync(path);
  const pages = file.length / PAGE_BYTES;
  const page = (nth: number) => file.subarray(nth * PAGE_BYTES, (nth + 1) * PAGE_BYTES);
  for (let left = 3 + random.below(4); left > 0; left--) {
    const kind = random.pick(kinds);
    const first = kind === "garbage" ? 0 : 1;
    const [at, other] = [first + random.below(pages - first), 1 + random.below(pages - 1)];
    const [old, foreign] = [page(at).slice(), page(other).slice()];
    if (kind === "zeros") page(at).fill(0);
    else if (kind === "copy" || kind === "swap") page(at).set(foreign);
    else fillRandomly(page(at), random);
    if (kind === "swap") page(other).set(old);
    else if (kind === "cells") putCells(page(at), random);
  }
  Deno.writeFileSync(path, file);
}

function fillRandomly(page: Uint8Array, random: Random): void {
  for (let nth = 0; nth < page.length; nth++) page[nth] = random.below(256);
}

function putCells(page: Uint8Array, random: Random): void {
  const view = new DataView(page.buffer, page.byteOffset, page.length);
  const [type, cells] = [random.pick(PAGE_TYPES), 1 + random.below(40)];
  const headerBytes = type < FIRST_LEAF_TYPE ? 12 : 8;
  const start = headerBytes + 2 * cells;
  view.setUint8(0, type);
  view.setUint16(1, 0); // no free block
  view.setUint16(3, cells);
  view.setUint16(5, start);
  view.setUint8(7, 0);
  for (let nth = 0; nth < cells; nth++) {
    view.setUint16(headerBytes + 2 * nth, start + random.below(page.length - start - 4));
  }
}
