/** Takes pictures of a page at the widths of a phone, a tablet and a desk, in light and dark. */
/// <reference lib="dom" />
import type { Page } from "playwright-core";
import { checkAccess } from "../chat_pages.ts";

const OUTPUT = new URL("../../../built/screenshots/", import.meta.url);
const SIZES = [
  { width: 360, height: 720 },
  { width: 820, height: 900 },
  { width: 1440, height: 900 },
] as const;
export const SCHEMES = ["light", "dark"] as const;
/** The window of 640 pixels at 200 % zoom, as WCAG 1.4.10 has it. */
const ZOOMED = { width: 320, height: 450 };
/** Up to here the conversations are in a drawer, as in chat.css. */
const DRAWER_WIDTH = 700;
/** Has axe look at every state as well. */
const isChecked = Deno.args.includes("--check");
const wanted = new Set(Deno.args.filter((word) => word !== "--check"));

/** Runs before each picture, at its size. */
type Prepare = (width: number) => Promise<void>;

/** Takes the pictures of one state. */
export async function shoot(page: Page, state: string, prepare: Prepare = async () => {}): Promise<void> {
  if (wanted.size > 0 && !wanted.has(state)) return;
  for (const size of SIZES) {
    await page.setViewportSize(size);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      await take(page, `${state}_${size.width}_${colorScheme}`, prepare);
    }
  }
  await page.setViewportSize(SIZES[2]);
  console.log(state);
}

/** The same with 200 % zoom, from right to left, and in the colours of the system. */
export async function shootVariants(page: Page, state: string, prepare: Prepare = async () => {}) {
  const name = `${state}_variants`;
  if (wanted.size > 0 && !wanted.has(name)) return;
  await page.setViewportSize(ZOOMED);
  await take(page, `${state}_zoomed`, prepare);
  await page.evaluate(() => document.documentElement.dir = "rtl");
  for (const size of [SIZES[0], SIZES[2]]) {
    await page.setViewportSize(size);
    await take(page, `${state}_rtl_${size.width}`, prepare);
  }
  await page.evaluate(() => document.documentElement.removeAttribute("dir"));
  await page.emulateMedia({ forcedColors: "active" });
  await take(page, `${state}_forced_colors`, prepare);
  await page.emulateMedia({ forcedColors: "none" });
  console.log(name);
}

async function take(page: Page, name: string, prepare: Prepare): Promise<void> {
  const { width } = page.viewportSize()!;
  await page.mouse.move(width / 2, 2);
  await prepare(width);
  await settle(page);
  if (isChecked) await checkAccess(page, name);
  await page.screenshot({ path: pathOf(`${name}.png`) });
}

/** Opens the drawer with the conversations, where the window is so narrow that there is one. */
export async function openDrawer(page: Page, width: number): Promise<void> {
  if (width > DRAWER_WIDTH || await page.locator(".chat-drawer").count() > 0) return;
  await page.locator(".head-menu").click();
}

export async function closeDrawer(page: Page): Promise<void> {
  if (await page.locator(".chat-drawer").count() === 0) return;
  await page.setViewportSize(SIZES[0]);
  await page.locator(".drawer-shade").click({ position: { x: SIZES[0].width - 4, y: 4 } });
  await page.setViewportSize(SIZES[2]);
}

export function pathOf(name: string): string {
  return decodeURIComponent(new URL(name, OUTPUT).pathname);
}

export async function settle(page: Page): Promise<void> {
  await page.evaluate(() =>
    new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
  );
}
