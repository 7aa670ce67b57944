/** What a person does in a page before a picture is taken. */
/// <reference lib="dom" />
import type { Locator, Page } from "playwright-core";

export async function openConversation(page: Page, name: string): Promise<void> {
  await page.locator("dialog").waitFor({ state: "detached" });
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Room or person" }).fill(name);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name, exact: true }).waitFor();
}

export async function enter(page: Page, name: string): Promise<void> {
  await page.getByLabel("Your name").fill(name);
  await page.keyboard.press("Enter");
  await page.locator(".connection-live").waitFor({ state: "attached" });
}

export async function scrollToEnd(page: Page): Promise<void> {
  await page.locator(".scroller").evaluate((scroller) => scroller.scrollTop = scroller.scrollHeight);
}

export function message(page: Page, text: string): Locator {
  return page.locator("article", { hasText: text }).last();
}
