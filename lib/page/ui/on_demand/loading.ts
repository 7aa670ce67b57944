/** Loads the second part of the page, once. */
import { signal } from "@preact/signals";
import type * as Contents from "./contents.ts";

export type SecondPart = typeof Contents;

/** The second part, or what there is in its place. */
export const secondPart = signal<SecondPart | "absent" | "loading" | "failed">("absent");

/** The person has asked for something of the second part, which could not be loaded. */
export const isMissed = signal(false);

let importPart: () => Promise<SecondPart>;

/** `load` is what loads the second part. */
export function setLoader(load: () => Promise<SecondPart>): void {
  importPart = load;
}

let loading: Promise<SecondPart | undefined> | undefined;

/**
 * Loads the second part, unless it is there; undefined: it cannot be loaded now. The next call tries again.
 * `isAsked`: by the person, who is told of a failure.
 */
export async function loadSecondPart(isAsked = true): Promise<SecondPart | undefined> {
  if (typeof secondPart.value === "object") return secondPart.value;
  const part = await (loading ??= load(isAsked));
  if (part === undefined && isAsked) isMissed.value = true;
  return part;
}

async function load(isAsked: boolean): Promise<SecondPart | undefined> {
  // What tells of a failure, and the way out of it, stay where the page tries again by itself.
  if (isAsked || secondPart.value === "absent") secondPart.value = "loading";
  try {
    const [part] = await Promise.all([importPart(), loadStyles()]);
    secondPart.value = part;
    isMissed.value = false;
    return part;
  } catch {
    secondPart.value = "failed";
    return undefined;
  } finally {
    loading = undefined;
  }
}

/** The style sheet of the second part, which the document names. */
function loadStyles(): Promise<void> {
  const first = document.querySelector<HTMLLinkElement>("[data-later]")!;
  return new Promise((resolve, reject) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = first.dataset.later!;
    link.onload = () => resolve();
    link.onerror = () => {
      link.remove();
      reject();
    };
    first.after(link);
  });
}

/** Loads the second part when the browser has nothing else to do. */
export function loadWhenIdle(): void {
  const load = () => void loadSecondPart(false);
  // Safari has no idle callbacks.
  if ("requestIdleCallback" in globalThis) requestIdleCallback(load, { timeout: IDLE_TIMEOUT_MS });
  else setTimeout(load, IDLE_TIMEOUT_MS);
}

/** A page that is always busy loads it after this time. */
const IDLE_TIMEOUT_MS = 1_000;
