/** States of the page beside reading and writing: what it offers, asks, and says when something is missing. */
/// <reference lib="dom" />
import type { Page } from "playwright-core";
import { say } from "../chat_pages.ts";
import { closeDrawer, openDrawer, shoot, shootVariants } from "./camera.ts";
import type { ClockedPages } from "./clocked_pages.ts";
import { enter, message, openConversation, scrollToEnd } from "./page_steps.ts";
import { NOW } from "./sample_conversation.ts";
import type { Team } from "./team.ts";

/** A browser that has not been asked about notifications, and a person that looks elsewhere when `isAway` is set. */
export const UNASKED = `
  globalThis.isAway = false;
  Object.defineProperty(document, "visibilityState", { get: () => globalThis.isAway ? "hidden" : "visible" });
  document.hasFocus = () => !globalThis.isAway;
  Object.defineProperty(Notification, "permission", { get: () => "default" });
`;
const CHART = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360"><rect width="640" height="360"
  fill="#dbe9f4"/><path d="M0 240C160 120 240 320 400 200S600 80 640 140V360H0z" fill="#5b8db8"/></svg>`;

async function look(page: Page, isAway: boolean): Promise<void> {
  await page.evaluate(`isAway = ${isAway}; document.dispatchEvent(new Event("visibilitychange"))`);
}

/** What is offered while one types. */
export async function shootComposing(page: Page): Promise<void> {
  const area = page.locator("textarea");
  const type = async (text: string) => {
    await area.fill("");
    await area.pressSequentially(text);
    await page.locator(".composer-offers").waitFor();
  };
  await shoot(page, "names", () => type("I ask @"));
  await shoot(page, "emoji_names", () => type("Done :ro"));
  await area.fill("");
  await shoot(page, "emoji", async () => {
    if (await page.locator(".picker").count() === 0) await page.getByLabel("Emoji", { exact: true }).click();
    await page.locator(".picker").waitFor();
  });
  await shootVariants(page, "emoji");
  await page.keyboard.press("Escape");
  await openConversation(page, "#design");
  await area.fill("/help");
  await area.press("Enter");
  await page.getByText("/kick").first().waitFor();
  await shoot(page, "help", () => scrollToEnd(page));
  await openConversation(page, "#lobby");
}

/** What is on messages, and leads from one to another. */
export async function shootMessages(page: Page, team: Team): Promise<void> {
  await shoot(page, "remove", async () => {
    const own = message(page, "On my way");
    await own.hover();
    const button = own.getByRole("button", { name: "Remove", exact: true });
    if (await button.count() > 0) await button.click();
  });
  await shoot(page, "code", async () => {
    await page.locator(".scroller").evaluate((scroller) => scroller.scrollTop = 0);
    const block = page.locator("pre").last();
    await block.evaluate((element) => element.scrollIntoView({ block: "center" }));
    await block.hover();
  });
  await scrollToEnd(page);
  await page.context().route(
    "https://harbour.example/*.png",
    (route) => route.fulfill({ contentType: "image/svg+xml", body: CHART }),
  );
  await team.say("mei", "#lobby", "The new legend is here: https://harbour.example/legend.png");
  await message(page, "The new legend").waitFor();
  await scrollToEnd(page);
  await shoot(page, "image_link", () => scrollToEnd(page));
  await page.getByRole("button", { name: "Show image" }).click();
  await page.locator(".image").waitFor();
  await shoot(page, "image", () => scrollToEnd(page));
  await page.getByRole("button", { name: "Hide image" }).click();
}

/** A room that is read far back, and one that is not entered. */
export async function shootPlaces(page: Page, team: Team): Promise<void> {
  await page.evaluate(() => location.hash = "#tides/none");
  await page.getByText("You are not in").waitFor();
  await shoot(page, "other_room");
  await page.getByRole("button", { name: "Close", exact: true }).click();
  await openConversation(page, "#ops");
  await openConversation(page, "#lobby");
  await openConversation(page, "#design");
  for (let nth = 1; nth <= 60; nth++) await team.say("ci", "#ops", `harbour-map nightly ${nth}: passed`);
  await openConversation(page, "#ops");
  await page.locator(".rule-unread").waitFor();
  await scrollToEnd(page);
  await page.locator(".place-top").waitFor();
  await shoot(page, "unread_above", () => scrollToEnd(page));
  await page.getByLabel("Search", { exact: true }).click();
  await page.getByLabel("Search messages").fill("deployed");
  await page.keyboard.press("Enter");
  await page.locator(".result").first().click();
  await page.getByText("You are reading earlier").waitFor();
  await shoot(page, "found");
  await shootVariants(page, "found");
  await page.getByLabel("Close the search").click();
  await shoot(page, "earlier");
  await page.keyboard.press("Escape");
}

/** People and rooms. */
export async function shootPeople(page: Page, team: Team): Promise<void> {
  await team.ask("mei", "AWAY :at the dentist until noon");
  await openConversation(page, "mei");
  await shoot(page, "direct_away");
  await openConversation(page, "#lobby");
  await page.getByLabel("People in this room").click();
  await page.locator(".panel .dot-away").waitFor();
  await page.getByRole("button", { name: "Leave the room" }).click();
  await shoot(page, "leave_room");
  await shootVariants(page, "leave_room");
  await page.getByLabel("Close the list of people").click();
  for (
    const [room, topic] of [["#tides", "Forecasts and gauges"], ["#pilots", ""], [
      "#print",
      "Sheets, sizes, ink",
    ]]
  ) {
    await team.ask("noa", `JOIN ${room}`);
    if (topic !== "") await team.ask("noa", `TOPIC ${room} :${topic}`);
  }
  await page.getByLabel("Enter or make a room").click();
  await page.getByRole("button", { name: "#tides" }).waitFor();
  await shoot(page, "rooms", (width) => openDrawer(page, width));
  await page.getByLabel("Enter or make a room").first().click();
  await closeDrawer(page);
}

/** Settings, keys, and what the page asks. */
export async function shootSettings(page: Page, team: Team): Promise<void> {
  await page.getByRole("button", { name: "Settings" }).click();
  await shoot(page, "settings");
  await shootVariants(page, "settings");
  await page.getByRole("button", { name: "Close the settings" }).click();
  await page.keyboard.press("Control+/");
  await page.locator(".shortcuts").waitFor();
  await shoot(page, "shortcuts");
  await shootVariants(page, "shortcuts");
  await page.keyboard.press("Escape");
  // Only a message of this minute is notified of.
  const soon = await page.evaluate(() => new Date(Date.now() + 30_000).toISOString());
  await team.run([{ at: soon.slice(8, 16) }]);
  await look(page, true);
  await team.say("chioma", "#lobby", "alice: the pilots say yes.");
  await page.locator(".notice").waitFor();
  await look(page, false);
  await shoot(page, "notice");
  await shootVariants(page, "notice");
}

/** What a browser without storage says, and a history that takes long. */
export async function shootSlow(chat: ClockedPages): Promise<void> {
  const page = await chat.page(NOW);
  let isHeld = false;
  await page.routeWebSocket(/./, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((line) => {
      if (!isHeld || !String(line).includes("CHATHISTORY")) server.send(line);
    });
  });
  await page.reload();
  await enter(page, "tova");
  await openConversation(page, "#lobby");
  await message(page, "I keep an eye").waitFor();
  await page.evaluate(() => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  });
  await say(page, "Hello");
  await page.locator(".notice-fault").waitFor();
  await shoot(page, "not_kept");
  isHeld = true;
  await page.getByLabel("Enter or make a room").click();
  await page.keyboard.type("#ops\n");
  await page.locator(".list-loading").waitFor();
  await shoot(page, "loading");
  await page.evaluate(() => location.hash = "#ops/none");
  await page.locator(".notice", { hasText: "Looking for" }).waitFor();
  await shoot(page, "seek");
}

/** The forms about the key of a name. */
export async function shootKeys(chat: ClockedPages, page: Page): Promise<void> {
  await page.getByRole("button", { name: "Log out of this browser" }).first().click();
  await page.getByRole("button", { name: /^Forget/ }).waitFor();
  await shoot(page, "login_known");
  await page.getByRole("button", { name: /^Forget/ }).click();
  await page.getByRole("button", { name: "Copy the key" }).click();
  await page.locator("[role=status]:not(:empty)").waitFor();
  await shoot(page, "forget");
  const other = await chat.page(NOW);
  await other.getByRole("button", { name: /^Add this browser/ }).click();
  await shoot(other, "add_browser");
  await other.getByLabel("Your name").fill("alice");
  await other.getByLabel("Code").fill("7ZQK");
  await other.keyboard.press("Enter");
  await other.locator(".login-problem").waitFor();
  await shoot(other, "add_browser_error");
  const address = other.url().split("#")[0];
  await other.goto("about:blank");
  await other.goto(`${address}#add=alice:7ZQK4M0XV1D8RBTA`);
  await other.getByText("A link adds").waitFor();
  await shoot(other, "add_link");
  await shootVariants(other, "add_link");
}
