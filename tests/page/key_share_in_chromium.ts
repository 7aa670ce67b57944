/** Keys that come to a browser from another device, and go from it, in a real Chromium. Run by chromium_test.ts. */
/// <reference lib="dom" />
import { assertEquals, assertMatch } from "@std/assert";
import { chromium } from "playwright-core";
import type { Page } from "playwright-core";
import { command as key } from "../../commands/key.ts";
import { command as register } from "../../commands/register.ts";
import { makeShareCode, sealKey } from "../../lib/irc/key_share.ts";
import { FakeIo } from "../cli/fake_io.ts";
import { Serve } from "../server/serve_process.ts";
import { inTime } from "../support/guard.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { toolPath } from "../tools.ts";
import { buildPage } from "./built_page.ts";
import { checkAccess, pageTest, say } from "./chat_pages.ts";
import type { ChatPages } from "./chat_pages.ts";

/** A terminal for commands to the server of `chat`, with files of its own in `home`. */
class Terminal {
  constructor(readonly home: string, readonly port: number) {}

  async run(line: string): Promise<number> {
    return await (line.startsWith("register") ? register : key).run(this.#args(line), this.#io());
  }

  /** `key share alice`: what it has printed once the code is there, and its end. */
  async share(): Promise<{ io: FakeIo; code: string; url: string; end: Promise<number> }> {
    const shown = Promise.withResolvers<void>();
    const io: FakeIo = this.#io(() => /#add=/.test(io.out) && shown.resolve());
    const end = key.run(this.#args("key share alice"), io);
    await inTime("the code", shown.promise, { heard: () => [io.out, io.err] });
    const [code = "", url = ""] = io.out.split("\n");
    return { io, code, url, end };
  }

  #args(line: string): string[] {
    return [...line.split(" ").slice(1), "--server", `irc://127.0.0.1:${this.port}`];
  }

  #io(onWritten: () => void = () => {}): FakeIo {
    const env = { XDG_CONFIG_HOME: this.home, XDG_STATE_HOME: this.home };
    return new FakeIo({ env, stdin: "", onStdout: () => queueMicrotask(onWritten) });
  }
}

function sharingTest(name: string, fn: (chat: ChatPages, terminal: Terminal) => Promise<void>): void {
  pageTest(name, (chat) =>
    withTempDir(async (home) => {
      const terminal = new Terminal(home, chat.port);
      assertEquals(await terminal.run("register alice"), 0);
      await fn(chat, terminal);
    }));
}

/** Opens the form for a code, and sends it. */
async function addBrowser(page: Page, name: string, code: string): Promise<void> {
  await page.getByRole("button", { name: "Add this browser to a name" }).click();
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Code").fill(code);
  await page.keyboard.press("Enter");
}

async function isIn(page: Page, name: string): Promise<void> {
  await page.locator(".connection-live").waitFor({ state: "attached" });
  assertEquals(await page.locator(".sidebar-self strong").innerText(), name);
}

sharingTest("a code that is typed brings the name to this browser, once", async (chat, terminal) => {
  const { code, io, end } = await terminal.share();
  const page = await chat.page();
  await page.getByRole("button", { name: "Add this browser to a name" }).click();
  await checkAccess(page, "code is asked for");
  await page.getByRole("button", { name: "Cancel" }).click();
  await addBrowser(
    page,
    "alice",
    code.toLowerCase().replaceAll("-", " ").replaceAll("1", "l").replaceAll("0", "o"),
  );
  await isIn(page, "alice");
  assertEquals(await end, 0);
  await io.flush();
  assertMatch(io.err, /the key of alice was fetched from 127\.0\.0\.1/);
  await page.reload();
  await isIn(page, "alice");
  const other = await chat.page();
  await addBrowser(other, "alice", code);
  await other.getByText("This code has been used already.").waitFor();
  await checkAccess(other, "code is refused");
});

sharingTest(
  "what is wrong with a code is said, and the form keeps what was typed",
  async (chat, terminal) => {
    const { code, io, end } = await terminal.share();
    const page = await chat.page();
    await addBrowser(page, "alice", "7ZQK-4M0X");
    await page.getByText("A code has 16 letters and digits").waitFor();
    assertEquals(await page.getByLabel("Code").inputValue(), "7ZQK-4M0X");
    await page.getByLabel("Code").fill(code);
    await page.getByLabel("Your name").fill("alicia");
    await page.keyboard.press("Enter");
    await page.getByText("There is no such code for alicia. Check both.").waitFor();
    io.interrupt();
    assertEquals(await end, 130);
    await page.getByLabel("Your name").fill("alice");
    await page.keyboard.press("Enter");
    await page.getByText("This code has expired or was withdrawn.").waitFor();
  },
);

sharingTest(
  "a link adds the browser after one button, and is in the address no more",
  async (chat, terminal) => {
    const { url, end } = await terminal.share();
    const page = await chat.page();
    await page.evaluate((to) => void location.assign(to), url);
    await page.getByRole("button", { name: "Add this browser to alice" }).waitFor();
    await checkAccess(page, "a link adds the browser");
    assertEquals(await page.evaluate(() => [location.hash, location.href.includes("add=")]), ["", false]);
    await page.keyboard.press("Enter");
    await isIn(page, "alice");
    assertEquals(await end, 0);
    await page.reload();
    await isIn(page, "alice");
    assertEquals(await page.evaluate(() => location.href.includes("#")), false);
  },
);

sharingTest(
  "a browser that has a key of the name keeps it, until it is forgotten",
  async (chat, terminal) => {
    const bob = await chat.enter("bob");
    const { url, io, end } = await terminal.share();
    await bob.goto(url.replace("#add=alice", "#add=bob"));
    await bob.getByRole("button", { name: "Add this browser to bob" }).click();
    await bob.getByText("This browser has a key of bob already").waitFor();
    await bob.getByRole("button", { name: "Cancel" }).click();
    await isIn(bob, "bob");
    io.interrupt();
    await end;
  },
);

pageTest("the key of a name is forgotten after a warning, and can be copied before", async (chat) => {
  const page = await chat.enter("carol", { permissions: ["clipboard-read", "clipboard-write"] });
  await page.getByRole("button", { name: /Log out|Leave/ }).click();
  await page.getByRole("button", { name: "Forget carol on this browser" }).click();
  await page.getByText("the name and its direct messages are lost with it").waitFor();
  await checkAccess(page, "a key is to be forgotten");
  await page.getByRole("button", { name: "Copy the key" }).click();
  await page.getByText("Copied.").waitFor();
  assertMatch(await page.evaluate(() => navigator.clipboard.readText()), /^[\w-]{43}$/);
  await page.getByRole("button", { name: "Keep it" }).click();
  assertEquals(await page.getByLabel("Your name").inputValue(), "carol");
  await page.getByRole("button", { name: "Forget carol on this browser" }).click();
  await page.getByRole("button", { name: "Forget carol", exact: true }).click();
  await page.getByLabel("Your name").fill("carol");
  await page.getByRole("button", { name: "Enter" }).click();
  await page.getByText("carol belongs to another key").waitFor();
});

/** Keys that the browser of `page` has, by their names. */
function keysOf(page: Page): Promise<Record<string, string>> {
  return page.evaluate(() =>
    new Promise((resolve) => {
      const opening = indexedDB.open("chatterbox");
      opening.onsuccess = () => {
        const { result: database } = opening;
        const reading = database.transaction("keys").objectStore("keys").getAll();
        reading.onsuccess = () => {
          database.close();
          resolve(Object.fromEntries(reading.result.map(({ name, key }) => [name, key])));
        };
      };
    })
  );
}

/** Runs in a page: from now on it makes a key in a second, while other tabs go on. */
function makeKeysSlowly(): void {
  const make = crypto.getRandomValues.bind(crypto);
  const getRandomValues = (bytes: Uint8Array<ArrayBuffer>) => {
    const end = performance.now() + (bytes.length === 32 ? 1000 : 0);
    while (performance.now() < end);
    return make(bytes);
  };
  Object.assign(crypto, { getRandomValues });
}

pageTest(
  "two tabs that enter under a new name at once have one key, which is that of the name",
  async (chat) => {
    const first = await chat.page();
    const second = await chat.tab(first.context());
    for (const tab of [first, second]) {
      await tab.evaluate(makeKeysSlowly);
      await tab.getByLabel("Your name").fill("alice");
    }
    const press = (tab: Page) =>
      tab.evaluate(() => document.querySelector<HTMLElement>(".main-button")!.click());
    await Promise.all([first, second].map(press));
    for (const tab of [first, second]) await tab.locator(".connection-live").waitFor({ state: "attached" });
    const keys = await keysOf(first);
    assertEquals(Object.keys(keys), ["alice"]);
    for (const tab of [first, second]) {
      await tab.reload();
      await tab.locator(".connection-live").waitFor({ state: "attached" });
    }
    assertEquals(await keysOf(second), keys);
  },
);

/** The server of `page` answers KEYSHARE GET with `answer` once what is returned is called. */
async function holdAnswer(
  page: Page,
  answer: string,
): Promise<{ asked: Promise<void>; release: () => void }> {
  const asked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  await page.routeWebSocket(/./, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((line) => {
      if (!String(line).startsWith("KEYSHARE GET")) return server.send(line);
      asked.resolve();
      void released.promise.then(() => socket.send(answer));
    });
  });
  return { asked: asked.promise, release: released.resolve };
}

/** A tab that has been told to add its browser to `name` by a link, and waits for the `key`. */
async function addByLink(chat: ChatPages, tab: Page, name: string, key: string): Promise<() => void> {
  const code = makeShareCode();
  const { id, parcel } = await sealKey(code, name, key);
  const { asked, release } = await holdAnswer(tab, `:irc.test KEYSHARE GET ${id} ${parcel}`);
  await tab.goto(`${chat.address}#add=${name}:${code}`);
  await tab.getByRole("button", { name: `Add this browser to ${name}` }).click();
  await inTime("the request for the key", asked);
  return release;
}

pageTest("a key that comes late does not replace one that another tab has made meanwhile", async (chat) => {
  const first = await chat.page();
  const second = await chat.tab(first.context());
  const release = await addByLink(chat, second, "bob", "k".repeat(43));
  await enterAs(first, "bob");
  const keys = await keysOf(first);
  release();
  await second.getByText("Meanwhile another tab has made a key of bob, which stays").waitFor();
  assertEquals(await keysOf(first), keys);
  await first.reload();
  await isIn(first, "bob");
});

pageTest("what is cancelled does not enter later; the key that comes then is kept", async (chat) => {
  const page = await chat.enter("alice");
  const release = await addByLink(chat, page, "mallory", "m".repeat(43));
  await page.getByRole("button", { name: "Cancel" }).click();
  await isIn(page, "alice");
  const opened: string[] = [];
  page.on("websocket", (socket) => opened.push(socket.url()));
  release();
  await inTime("the key", untilKey(page, "mallory"));
  for (const text of ["one", "two", "three"]) {
    await say(page, text);
    await page.locator("article", { hasText: text }).locator(".mark-durable").waitFor();
  }
  assertEquals(opened, []);
  await page.reload();
  await isIn(page, "alice");
});

async function untilKey(page: Page, name: string): Promise<void> {
  while (!(name in await keysOf(page)));
}

async function enterAs(page: Page, name: string): Promise<void> {
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Enter" }).click();
  await isIn(page, name);
}

Deno.test("page: over plain HTTP to another host it says in one sentence how to get https", () =>
  withTempDir(async (home) => {
    await buildPage();
    const serve = await Serve.start(home, ["--web", "127.0.0.1:0", "--name", "chat.test"]);
    const { address } = await serve.until(({ event, address }) =>
      event === "listening" && address?.startsWith("http") === true
    );
    const browser = await chromium.launch({
      executablePath: toolPath("chromium")!,
      args: ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP chat.test 127.0.0.1"],
    });
    try {
      const page = await browser.newPage();
      await page.goto(`http://chat.test:${new URL(address!).port}/#add=alice:7ZQK4M0XV1D8RBTA`);
      await page.getByText("Browsers keep no key for a page without encryption: open it as https://")
        .waitFor();
      assertEquals(await page.evaluate(() => [isSecureContext, location.hash]), [false, ""]);
      await checkAccess(page, "without encryption");
    } finally {
      await browser.close();
      await serve.end();
      await serve.stderr;
    }
  }));
