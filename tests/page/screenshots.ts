/**
 * Pictures of the page in its states, at the widths of a phone, a tablet and a desk, in light and dark:
 * `deno task screenshots [--check] [STATE…]` writes built/screenshots/STATE_WIDTH_SCHEME.png. They are made to be looked
 * at; with `--check` axe looks at them, too.
 */
/// <reference lib="dom" />
import type { Page } from "playwright-core";
import { withTempDir } from "../support/temp_dir.ts";
import { say } from "./chat_pages.ts";
import { openDrawer, pathOf, SCHEMES, settle, shoot, shootVariants } from "./screenshots/camera.ts";
import { ClockedPages } from "./screenshots/clocked_pages.ts";
import {
  shootComposing,
  shootKeys,
  shootMessages,
  shootPeople,
  shootPlaces,
  shootSettings,
  shootSlow,
  UNASKED,
} from "./screenshots/feature_states.ts";
import { enter, message, openConversation, scrollToEnd } from "./screenshots/page_steps.ts";
import {
  CLOSED_ROOM,
  DIRECT,
  EARLIER,
  LATER,
  LONG_ROOM,
  NOW,
  VIEWER,
} from "./screenshots/sample_conversation.ts";
import { Team } from "./screenshots/team.ts";

async function shootLogin(chat: ClockedPages): Promise<Page> {
  const page = await chat.page(NOW, UNASKED);
  const name = page.getByLabel("Your name");
  await name.waitFor();
  await shoot(page, "login");
  await page.getByRole("button", { name: "Use a passphrase instead" }).click();
  await shoot(page, "login_passphrase");
  await page.getByRole("button", { name: "Use a key instead" }).click();
  await name.fill("two words");
  await page.keyboard.press("Enter");
  await page.getByText("A name has no spaces").waitFor();
  await shoot(page, "login_error");
  return page;
}

/** A message that the room does not take. */
async function shootRefused(page: Page): Promise<void> {
  await page.getByLabel("Enter or make a room").click();
  await page.keyboard.type(`${CLOSED_ROOM}\n`);
  await message(page, "Holidays").waitFor();

  await say(page, "Can everyone see this?");
  await page.locator(".mark-failed").waitFor();
  await shoot(page, "error");
}

async function enterRooms(page: Page, team: Team): Promise<void> {
  await enter(page, VIEWER);
  for (const room of ["#design", "#ops", LONG_ROOM]) {
    await page.getByLabel("Enter or make a room").click();
    await page.keyboard.type(`${room}\n`);
    await page.getByText(`${room} is quiet`).waitFor();
  }
  await shootRefused(page);
  await shoot(page, "empty_room", () => openConversation(page, LONG_ROOM));
  for (const [from, text] of DIRECT) {
    if (from !== VIEWER) await team.say(from, VIEWER, text);
    else {
      await openConversation(page, DIRECT[0]![0]);
      await say(page, text);
      await page.locator(".mark-durable").last().waitFor();
    }
  }
  await openConversation(page, "#lobby");
  await say(page, "See you all tomorrow");
  await page.locator(".mark-durable").last().waitFor();
  await openConversation(page, "#design");
  await team.say("mei", VIEWER, "Coffee?");
  await team.run(LATER);
}

async function shootRoom(page: Page, team: Team): Promise<void> {
  await openConversation(page, "#lobby");
  await shoot(page, "room", () => scrollToEnd(page));
  await shootVariants(page, "room", () => scrollToEnd(page));
  await shoot(page, "room_earlier", async () => {
    await page.locator(".scroller").evaluate((scroller) => scroller.scrollTop = 60);
  });
  await shoot(page, "drawer", (width) => openDrawer(page, width));
  await shootForReadme(page);
  await page.reload();
  await page.locator(".connection-live").waitFor({ state: "attached" });
  await openConversation(page, "#lobby");
  await say(page, "On my way. Pressing it at eleven sharp :)");
  await message(page, "On my way").locator(".mark-durable").waitFor();
  await team.say("bob", "#lobby", "🚀");
  await shoot(page, "actions", async () => await message(page, "On my way").hover());
  await message(page, "I keep an eye").hover();
  await message(page, "I keep an eye").getByLabel("React").click();
  await shoot(page, "reactions");
  await page.keyboard.press("Escape");
  await message(page, "I keep an eye").hover();
  await message(page, "I keep an eye").getByLabel("Reply").click();
  await page.locator("textarea").fill("And please write down what they say at high water,\nfor the report.");
  await shoot(page, "reply");
  await page.keyboard.press("Escape");
  await page.locator("textarea").fill("/");
  await shoot(page, "commands");
  await page.locator("textarea").fill("");
}

/** The pictures in the README are made by hand of these. */
async function shootForReadme(page: Page): Promise<void> {
  await page.setViewportSize({ width: 1200, height: 760 });
  await page.mouse.move(600, 2);
  await page.locator(".brand span").evaluate((host) => host.textContent = "127.0.0.1:6680");
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme });
    await scrollToEnd(page);
    await settle(page);
    await page.screenshot({ path: pathOf(`readme_${colorScheme}.png`) });
  }
}

async function shootPanels(page: Page): Promise<void> {
  await page.getByLabel("People in this room").click();
  await shoot(page, "members");
  await page.getByLabel("Search", { exact: true }).click();
  await shoot(page, "search_help");
  await page.getByLabel("Search messages").fill("tide");
  await page.keyboard.press("Enter");
  await page.locator(".result").first().waitFor();
  await shoot(page, "search");
  await page.getByLabel("Search messages").fill("lighthouse");
  await page.keyboard.press("Enter");
  await page.getByText("Nothing found").waitFor();
  await shoot(page, "search_none");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("o");
  await shoot(page, "switcher");
  await page.keyboard.press("Escape");
  await openConversation(page, "chioma");
  await shoot(page, "direct");
}

/** A message without a connection. */
async function shootOffline(chat: ClockedPages, page: Page, team: Team): Promise<void> {
  await openConversation(page, "#lobby");
  await team.close();
  await chat.kill();
  await page.locator(".connection-waiting").waitFor({ state: "attached" });
  await say(page, "The button is pressed.");
  await shoot(page, "offline");
  await chat.restart();
  await page.locator(".connection-live").waitFor({ state: "attached" });
  await message(page, "The button is pressed").locator(".mark-durable").waitFor();
  await shoot(page, "back");
}

async function shootNothing(chat: ClockedPages): Promise<void> {
  const page = await chat.page(NOW);
  await page.routeWebSocket(/./, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((line) => socket.send(String(line).replace(/LOBBY=\S+/, "LOBBY=")));
  });
  await enter(page, "zoe");
  await page.getByText("No room is open").waitFor();
  await shoot(page, "no_conversation");
  const insecure = "Object.defineProperty(globalThis, 'isSecureContext', { value: false });";
  const broken = await chat.page(NOW, insecure);
  await broken.locator(".login-form").waitFor();
  await shoot(broken, "unusable");
}

await Deno.mkdir(pathOf(""), { recursive: true });
await withTempDir(async (home) => {
  await using chat = await ClockedPages.open(home);
  const team = new Team(chat);
  await team.run(EARLIER);
  await team.leave(VIEWER);
  const page = await shootLogin(chat);
  await enterRooms(page, team);
  await shootRoom(page, team);
  await shootComposing(page);
  await shootMessages(page, team);
  await shootPanels(page);
  await shootPeople(page, team);
  await shootPlaces(page, team);
  await shootSettings(page, team);
  await shootSlow(chat);
  await shootOffline(chat, page, team);
  await shootKeys(chat, page);
  await shootNothing(chat);
});
