/** Names, keys and passphrases in a real Chromium. Run by chromium_test.ts. */
import { assertEquals } from "@std/assert";
import { comesTrue } from "../support/guard.ts";
import { checkAccess, pageTest, say, shows } from "./chat_pages.ts";

pageTest(
  "a name is enough to enter, is remembered, and belongs to the browser that made its key",
  async (chat) => {
    const alice = await chat.page();
    await checkAccess(alice, "login");
    await alice.getByRole("button", { name: "Use a passphrase instead" }).click();
    await checkAccess(alice, "passphrase");
    await alice.getByRole("button", { name: "Use a key instead" }).click();
    await alice.getByLabel("Your name").fill("two words");
    await alice.getByRole("button", { name: "Enter" }).click();
    await alice.getByText("A name has no spaces").waitFor();
    await checkAccess(alice, "problem");
    await alice.getByLabel("Your name").fill("alice");
    await alice.keyboard.press("Enter");
    await alice.getByRole("heading", { name: "#lobby", exact: true }).waitFor();
    await alice.getByText("#lobby is quiet").waitFor();
    await checkAccess(alice, "empty room");
    await say(alice, "mine");
    await shows(alice, "mine");
    await alice.reload();
    await shows(alice, "mine");
    assertEquals(await alice.locator(".sidebar-self strong").innerText(), "alice");
    const other = await chat.page();
    await other.getByLabel("Your name").fill("alice");
    await other.getByRole("button", { name: "Enter" }).click();
    await other.getByText("belongs to another key").waitFor();
    await other.getByLabel("Passphrase").waitFor();
    await other.getByText("(chatterbox key share alice)").waitFor();
    await checkAccess(other, "foreign name");
    await other.getByLabel("Your name").fill("alicia");
    const asked = () =>
      Promise.all([other.getByLabel("Passphrase").count(), other.getByRole("alert").count()]);
    assertEquals(await asked(), [0, 0]);
    await other.getByLabel("Your name").fill("alice");
    assertEquals(await asked(), [1, 1]);
    await other.getByRole("button", { name: "Use a key instead" }).click();
    assertEquals(await asked(), [0, 1]);
    await other.getByRole("button", { name: "Add this browser to alice" }).click();
    await other.getByLabel("Code").waitFor();
    assertEquals(await other.getByLabel("Your name").inputValue(), "alice");
  },
);

pageTest("the name of the program is there before the script, and stays where it is", async (chat) => {
  const page = await chat.page({ viewport: { width: 1280, height: 800 } });
  const { promise, resolve } = Promise.withResolvers<void>();
  await page.route("**/assets/page.*.js", (route) => promise.then(() => route.continue()));
  await page.goto(chat.address, { waitUntil: "commit" });
  const heading = page.getByRole("heading", { name: "ChatterBox" });
  await heading.waitFor();
  await comesTrue("the style sheet", async () => await page.evaluate("document.styleSheets.length") === 1);
  const place = async () => Object.values((await page.locator(".logo").boundingBox())!).map(Math.round);
  const before = await place();
  await checkAccess(page, "before the script");
  resolve();
  await page.getByLabel("Your name").waitFor();
  assertEquals(await place(), before);
});

pageTest("a passphrase opens the name of its account, and is asked for each time", async (chat) => {
  const lee = await chat.client("lee");
  await lee.send("CAP REQ draft/account-registration");
  await lee.send("REGISTER * * correct-horse");
  await lee.until((line) => line.includes(" REGISTER SUCCESS lee "), "the account");
  await lee.send("QUIT");
  const page = await chat.page();
  await page.getByRole("button", { name: "Use a passphrase instead" }).click();
  await page.getByLabel("Your name").fill("lee");
  await page.getByLabel("Passphrase").fill("wrong-horse");
  await page.keyboard.press("Enter");
  await page.getByText("This is not the passphrase of lee").waitFor();
  await page.getByLabel("Passphrase").fill("correct-horse");
  await page.keyboard.press("Enter");
  await page.locator("textarea").waitFor();
  await page.reload();
  await page.getByLabel("Passphrase").waitFor();
  assertEquals(await page.getByLabel("Your name").inputValue(), "lee");
});

pageTest("however often Cancel is pressed, a tab has one session, and the log-out ends it", async (chat) => {
  const alice = await chat.enter("alice");
  const open = new Set<unknown>();
  alice.on("websocket", (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
  });
  await alice.goto(`${chat.address}#add=mallory:7ZQK4M0XV1D8RBTA`);
  await alice.getByRole("button", { name: "Cancel" }).dblclick();
  await alice.locator(".connection-live").waitFor({ state: "attached" });
  await comesTrue("one connection", () => open.size === 1);
  await alice.getByLabel("Log out of this browser").click();
  await alice.getByLabel("Your name").waitFor();
  await comesTrue("no connection", () => open.size === 0);
});

pageTest("a link that is not whole is said to be so, and leaves the address", async (chat) => {
  const alice = await chat.enter("alice");
  await alice.goto(`${chat.address}#ADD=mallory`);
  await alice.getByText("The link is not whole.").waitFor();
  assertEquals(alice.url().includes("#"), false);
  await checkAccess(alice, "a link that is not whole");
  await alice.getByRole("button", { name: "Cancel" }).click();
  await alice.locator(".connection-live").waitFor({ state: "attached" });
  await alice.goto(`${chat.address}#add=mallory%3A7ZQK4M0XV1D8RBTA`);
  await alice.getByRole("button", { name: "Add this browser to mallory" }).waitFor();
});
