/** What is fuzzed: one case a seed, and what all targets need to make theirs. */
import { Random } from "../irc/property.ts";

export interface Target {
  readonly name: string;
  /** Tries one case. `note` is told the input before it is tried. Throws what is wrong. */
  run(random: Random, note: (input: string) => void): void | Promise<void>;
}

export interface Fault {
  readonly target: string;
  readonly seed: number;
  readonly input: string;
  readonly why: string;
}

/** Of an input so much is shown; the seed makes all of it again. */
const MAX_INPUT_CHARS = 2000;

/** One case; undefined: nothing is wrong. */
export async function tried(target: Target, seed: number): Promise<Fault | undefined> {
  let input = "";
  try {
    await target.run(new Random(seed), (text) => input = text);
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.stack ?? error.message : String(error);
    return { target: target.name, seed, input: input.slice(0, MAX_INPUT_CHARS), why };
  }
}

export function randomBytes(random: Random, most: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: random.below(most + 1) }, () => random.below(256));
}

/** `bytes` with damage as disks and networks do it; what was done. */
export function damaged(bytes: Uint8Array, random: Random): { bytes: Uint8Array<ArrayBuffer>; how: string } {
  let changed = new Uint8Array(bytes);
  const how: string[] = [];
  for (let left = 1 + random.below(3); left > 0; left--) {
    const at = random.below(changed.length);
    const length = Math.min(1 << random.below(13), changed.length - at);
    switch (random.below(5)) {
      case 0: {
        const bit = random.below(8);
        changed[at]! ^= 1 << bit;
        how.push(`bit ${bit} of byte ${at} flipped`);
        break;
      }
      case 1:
        changed.fill(random.pick([0, 0xff]), at, at + length);
        how.push(`${length} bytes from ${at} on ${changed[at] === 0 ? "zeroed" : "set"}`);
        break;
      case 2: {
        const to = random.below(changed.length - length + 1);
        changed.copyWithin(to, at, at + length);
        how.push(`${length} bytes from ${at} copied to ${to}`);
        break;
      }
      case 3:
        for (let i = at; i < at + Math.min(length, 16); i++) changed[i] = random.below(256);
        how.push(`bytes from ${at} on set by chance`);
        break;
      default:
        if (!random.chance(4)) break;
        changed = changed.slice(0, Math.max(1, at));
        how.push(`cut off at ${at}`);
    }
  }
  return { bytes: changed, how: how.join(", ") || "nothing" };
}
