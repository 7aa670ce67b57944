/** Where the focus of a page is, for tests without a mouse. */
/// <reference lib="dom" />
import type { Page } from "playwright-core";
import { comesTrue } from "../../support/guard.ts";

interface FocusedElement {
  /** Tag and accessible name: `BUTTON Send`. */
  readonly name: string;
  /** It is there, on the screen, and marked: by an outline, or by the frame around a field. */
  readonly isSeen: boolean;
}

export function findFocus(page: Page): Promise<FocusedElement> {
  return page.evaluate(() => {
    const element = document.activeElement ?? document.body;
    const label = element.closest("label")?.textContent;
    const name = element.getAttribute("aria-label") ?? label ?? element.textContent ?? "";
    const { top, bottom, left, right } = element.getBoundingClientRect();
    const isOnScreen = bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
    const style = getComputedStyle(element);
    const frame = getComputedStyle(element.parentElement!);
    const accent = document.createElement("i");
    accent.style.color = "var(--accent)";
    document.body.append(accent);
    const isFramed = frame.borderTopColor === getComputedStyle(accent).color &&
      frame.borderTopStyle === "solid";
    accent.remove();
    const isMarked = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 || isFramed;
    const isVisible = element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    return {
      name: `${element.tagName} ${name}`.replace(/, \d.*/, "").trim(),
      isSeen: element !== document.body && isVisible && isOnScreen && isMarked,
    };
  });
}

/** Presses `key`; then the focus is to be seen, and on the element `name` if that is given. */
export async function press(page: Page, key: string, name?: string): Promise<void> {
  await page.keyboard.press(key);
  await checkFocus(page, key, name);
}

export async function checkFocus(page: Page, after: string, name?: string): Promise<void> {
  let heard = "nothing";
  await comesTrue(`the focus on ${name ?? "what is seen"} after ${after}`, async () => {
    const focus = await findFocus(page);
    heard = `${focus.name}, ${focus.isSeen ? "seen" : "not seen"}`;
    return focus.isSeen && (name === undefined || focus.name === name);
  }, { heard: () => [heard] });
}

/**
 * Presses Tab until the focus is on the element `name`; it is seen at each step, except for one behind the last
 * element, where the browser's own controls are.
 */
export async function tabTo(page: Page, name: string): Promise<void> {
  const passed: string[] = [];
  while (passed.length < 60) {
    await page.keyboard.press("Tab");
    const { name: found, isSeen } = await findFocus(page);
    if (!isSeen && (!found.startsWith("BODY") || passed.includes("(end)"))) await checkFocus(page, "Tab");
    if (found === name) return;
    passed.push(isSeen ? found : "(end)");
  }
  throw new Error(`no ${name} behind ${passed.join(", ")}`);
}
