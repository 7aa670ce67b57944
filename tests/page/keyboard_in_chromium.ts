/** The page without a mouse, in a real Chromium. Run by chromium_test.ts. */
/// <reference lib="dom" />
import { assertEquals } from "@std/assert";
import { checkAccess, pageTest, say, shows, typeIntoField } from "./chat_pages.ts";
import { checkFocus, press, tabTo } from "./support/focus.ts";

const COMPOSER = "TEXTAREA Message to #lobby";

pageTest(
  "a conversation from the login to the end is held by keyboard, and the focus is always seen",
  async (chat) => {
    const bob = await chat.client("bob");
    await bob.send("JOIN #lobby");
    await bob.send("PRIVMSG #lobby :a needle in the room");
    await bob.barrier();
    const alice = await chat.page();
    await checkFocus(alice, "the start", "INPUT Your name");
    await alice.keyboard.type("alice");
    await alice.keyboard.press("Enter");
    await checkFocus(alice, "login", COMPOSER);
    await alice.keyboard.type("mine\n");
    await shows(alice, "mine");
    await alice.locator(".mark-durable").waitFor();

    await press(alice, "ArrowUp", "ARTICLE alice");
    await press(alice, "ArrowUp", "ARTICLE bob");
    await press(alice, "r", COMPOSER);
    await alice.keyboard.type("an answer\n");
    const answer = alice.locator("article", { has: alice.locator(".quote", { hasText: "bob" }) });
    await answer.locator(".mark-durable").waitFor(); // before, there is nothing to react to

    await press(alice, "ArrowUp", "ARTICLE alice");
    await press(alice, "+", "INPUT Search emoji, or enter one");
    await press(alice, "ArrowRight");
    await press(alice, "Escape", "ARTICLE alice");
    await press(alice, "+", "INPUT Search emoji, or enter one");
    await press(alice, "Enter", "ARTICLE alice");
    await alice.getByLabel("👍 1: alice").waitFor();

    await press(alice, "e", COMPOSER);
    await alice.keyboard.press("Control+a");
    await alice.keyboard.type("a better answer\n");
    await shows(alice, "a better answer");
    await checkFocus(alice, "an edit", COMPOSER);
    await alice.locator("article", { hasText: "a better answer" }).locator(".mark-durable").waitFor();

    await press(alice, "ArrowUp", "ARTICLE alice");
    await press(alice, "Delete", "BUTTON Remove for all");
    await press(alice, "Escape", "ARTICLE alice");
    assertEquals(await alice.getByText("Remove for all").count(), 0);
    await press(alice, "Delete", "BUTTON Remove for all");
    await press(alice, "Tab");
    assertEquals(await alice.getByText("Remove for all").count(), 0);
    await alice.locator("article", { hasText: "a better answer" }).focus();
    await press(alice, "Delete", "BUTTON Remove for all");
    await press(alice, "Delete");
    await alice.getByText("removed by alice").waitFor();
    await checkFocus(alice, "removal");

    await press(alice, "Control+Shift+F", "INPUT Search messages");
    await alice.keyboard.type("needle\n");
    await alice.locator(".result mark").waitFor();
    await tabTo(alice, "BUTTON Close the search");
    await tabTo(alice, "INPUT Search messages");
    await press(alice, "Tab");
    await press(alice, "Enter");
    await alice.locator(".message-target").waitFor();
    await checkFocus(alice, "a found message");
    await press(alice, "Escape");
    await alice.getByRole("complementary").waitFor({ state: "detached" });
    await checkFocus(alice, "the search");

    await press(alice, "Control+k", "INPUT Room or person");
    await press(alice, "Escape");
    await alice.locator("dialog").waitFor({ state: "detached" }); // it goes a little after the key
    await press(alice, "Control+k", "INPUT Room or person");
    await alice.keyboard.type("bob");
    await press(alice, "Enter", "TEXTAREA Message to bob");
    await press(alice, "Alt+ArrowUp", COMPOSER);
    await tabTo(alice, "BUTTON Enter or make a room");
    await press(alice, "Enter", "INPUT Enter or make a room");
    await press(alice, "Escape", "BUTTON Enter or make a room");
    await press(alice, "Enter", "INPUT Enter or make a room");
    await alice.keyboard.type("tea");
    await press(alice, "Enter", "TEXTAREA Message to #tea");

    await tabTo(alice, "BUTTON Log out of this browser");
    await alice.keyboard.press("Enter");
    await checkFocus(alice, "logging out", "INPUT Your name");
  },
);

pageTest(
  "what can be done with a message comes with the focus, the pointer or a long touch",
  async (chat) => {
    const alice = await chat.enter("alice");
    for (const text of ["first", "second", "third"]) await say(alice, text);
    const message = (text: string) => alice.locator("article", { hasText: text });
    for (const text of ["first", "second", "third"]) await message(text).locator(".mark-durable").waitFor();
    const reply = (text: string) => message(text).getByLabel("Reply");
    assertEquals([await reply("first").count(), await reply("third").count()], [0, 0]);
    await message("second").focus();
    await reply("second").waitFor({ state: "attached" }); // of the second part of the page
    await alice.keyboard.press("ArrowUp");
    await alice.keyboard.press("Tab");
    assertEquals(await alice.evaluate("document.activeElement.ariaLabel"), "React");
    await alice.keyboard.press("Tab");
    await alice.keyboard.press("Enter");
    await alice.locator("#reference", { hasText: "first" }).waitFor();
    await message("third").evaluate((element) =>
      element.dispatchEvent(new PointerEvent("contextmenu", { pointerType: "touch", bubbles: true }))
    );
    await reply("third").waitFor();
    assertEquals(await message("third").evaluate((element) => element === document.activeElement), true);
  },
);

pageTest("a key that follows another one before the next frame finds what that has done", async (chat) => {
  const alice = await chat.enter("alice");
  await press(alice, "Control+Shift+F", "INPUT Search messages");
  const panels = await alice.evaluate(async () => {
    const open = [];
    for (const key of ["Escape", "F", "Escape", "F"]) {
      const isCommand = key === "F";
      const init = { key, ctrlKey: isCommand, shiftKey: isCommand, bubbles: true };
      document.body.dispatchEvent(new KeyboardEvent("keydown", init));
      for (let n = 0; n < 20; n++) await Promise.resolve(); // the page is drawn in such steps, and no frame comes between
      open.push(document.querySelectorAll("[aria-label='Search messages']").length);
    }
    return open;
  });
  assertEquals(panels, [0, 1, 0, 1]);
});

pageTest("the switcher, what is found, and commands are found by axe to be right", async (chat) => {
  const alice = await chat.enter("alice");
  await say(alice, "a needle in the room");
  await shows(alice, "needle");
  await alice.keyboard.press("Control+k");
  await alice.getByRole("dialog").waitFor();
  await checkAccess(alice, "switcher");
  await alice.keyboard.press("Escape");
  await alice.locator("dialog").waitFor({ state: "detached" });
  await alice.keyboard.press("Control+Shift+F");
  await checkAccess(alice, "search");
  await typeIntoField(alice, "needle\n");
  await alice.locator(".result mark", { hasText: "needle" }).waitFor();
  await checkAccess(alice, "found");
  await alice.keyboard.press("Escape");
  await alice.locator("textarea").focus();
  await alice.keyboard.type("/");
  await alice.getByText("/join ROOM").waitFor();
  await checkAccess(alice, "commands");
});
