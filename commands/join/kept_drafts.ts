/** The drafts of a run: those of earlier runs under the name, and the file that keeps its own. */
import type { Address } from "../../lib/net/address.ts";
import { DraftsFile, MAX_DRAFTS_FILES } from "./drafts_file.ts";
import type { Drafts } from "./drafts_file.ts";

export interface KeptDrafts {
  readonly drafts: Drafts;
  /** Of this run; undefined: its drafts end with it. */
  readonly file: DraftsFile | undefined;
  /** What cannot be used: a path, and why. */
  readonly faults: readonly (readonly [path: string, why: string])[];
}

/**
 * Takes over the drafts of runs that have ended. Of two for one conversation the newer one is taken, and the other one
 * goes to `keepFurther`, which may throw; then the files stay as they are.
 */
export function openDrafts(
  dir: string,
  address: Address,
  name: string,
  keepFurther: (text: string) => void,
): KeptDrafts {
  const faults: [path: string, why: string][] = [];
  const taken: DraftsFile[] = [];
  try {
    for (let nth = 1; nth <= MAX_DRAFTS_FILES; nth++) {
      const file = new DraftsFile(dir, address, name, nth);
      if (taken.length > 0 && file.time === 0) continue;
      if (!file.take()) continue;
      const read = file.read();
      if (read.kind === "ok") {
        taken.push(file);
        continue;
      }
      faults.push([file.path, read.why]);
      file.release();
    }
    const [own, ...others] = taken;
    if (own === undefined) {
      if (faults.length === 0) faults.push([`${dir}/drafts`, `${MAX_DRAFTS_FILES} runs use their files`]);
      return { drafts: {}, file: undefined, faults };
    }
    return { drafts: takeOver(own, others, keepFurther), file: own, faults };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    for (const file of taken) file.release();
    return { drafts: {}, file: undefined, faults: [...faults, [`${dir}/drafts`, why]] };
  }
}

/** A crash at any moment leaves each draft in one file at least. */
function takeOver(
  own: DraftsFile,
  others: readonly DraftsFile[],
  keepFurther: (text: string) => void,
): Drafts {
  const merged = new Map<string, string>();
  for (const file of [own, ...others].sort((a, b) => b.time - a.time)) {
    const read = file.read();
    for (const [view, text] of Object.entries(read.kind === "ok" ? read.drafts : {})) {
      const newer = merged.get(view);
      if (newer === undefined) merged.set(view, text);
      else if (newer !== text) keepFurther(text);
    }
  }
  const drafts = Object.fromEntries(merged);
  if (others.length > 0) own.write(drafts, true);
  for (const file of others) {
    file.write({}, true);
    file.release();
  }
  return drafts;
}
