/** The page in Debian's Firefox. */
/// <reference lib="dom" />
import { assertEquals } from "@std/assert";
import { comesTrue } from "../../support/guard.ts";
import { withTempDir } from "../../support/temp_dir.ts";
import { needs } from "../../tools.ts";
import { PageServer } from "../support/page_server.ts";
import { Firefox } from "./firefox.ts";
import type { FirefoxPage } from "./firefox.ts";

type Step = (firefox: Firefox, server: PageServer) => Promise<void>;

const STEPS: Readonly<Record<string, Step>> = {
  "two pages talk, also alone, reply and react; a reload keeps the name": async (firefox, server) => {
    const alice = await enter(firefox, server, "alice");
    const bob = await enter(firefox, server, "bob");
    await alice.type("hello\n");
    await bob.shows("article .text", "hello");
    await bob.press("ArrowUp", "r");
    await bob.type("an answer\n");
    await alice.shows("article .quote", "alice hello");
    await bob.press("ArrowUp", "ArrowUp", "+");
    await bob.click("option", "React with 🎉");
    await alice.shows(".reaction", "🎉 1");
    await bob.click("button", "alice");
    await bob.shows(".empty", "only alice and bob can read");
    await bob.type("lunch?\n");
    await alice.click("button", "bob 1 unread, 1 for you");
    await alice.shows("article .text", "lunch?");
    await alice.shows(".rule-unread", "1 new");
    await bob.shows(".mark-read", "read");
    await alice.reload();
    await alice.shows(".sidebar-self strong", "alice");
    await alice.shows(".connection-live", "connected");
  },
  "a killed server comes back, and what was typed meanwhile is sent once": async (firefox, server) => {
    const alice = await enter(firefox, server, "alice");
    await alice.type("before\n");
    await alice.shows(".mark-durable", "saved");
    firefox.allowed = /can’t establish a connection|was interrupted while/;
    await server.kill();
    await alice.shows(".connection-waiting", "retry in");
    await alice.type("while away\n");
    await alice.shows(".composer-waiting", "1 kept");
    await server.restart();
    await alice.shows(".connection-live", "connected");
    const bob = await enter(firefox, server, "bob");
    await bob.shows("article .text", "while away");
    assertEquals(await texts(bob), ["before", "while away"]);
    await alice.type("back\n");
    await bob.shows("article .text", "back");
  },
  "1,000 messages are read back to the first one, and nothing jumps": async (firefox, server) => {
    const count = 1000;
    await server.fill("#long", count);
    const alice = await enter(firefox, server, "alice");
    await alice.type("/join long\n");
    await alice.shows("article .text", `number ${count - 1} `);
    await comesTrue("the first message", async () => {
      const { moved, rows, first } = await alice.run(scrollUp);
      assertEquals(moved < 2, true, `a row jumped by ${moved} px`);
      assertEquals(rows <= 302, true, `${rows} rows`);
      return first.startsWith("number 0 ");
    }, { guardMs: 120_000 });
  },
};

Deno.test({
  name: "page: in Firefox",
  ...needs("firefox-esr"),
  fn: (t) =>
    withTempDir(async (profile) => {
      await using firefox = await Firefox.start(profile);
      for (const [name, fn] of Object.entries(STEPS)) {
        await t.step(name, () =>
          withTempDir(async (home) => {
            await using server = await PageServer.start(home);
            await fn(firefox, server).finally(() => firefox.closePages());
            assertEquals(firefox.faults.splice(0), []);
          }));
      }
      await t.step("a page that reports an error fails a test", async () => {
        await using server = await PageServer.start(profile);
        const page = await firefox.open(server.address);
        await page.run(() => document.body.setAttribute("style", "color: red"));
        await comesTrue(
          "a fault",
          () => firefox.faults.some((fault) => fault.startsWith("content policy: ")),
        );
        await firefox.closePages();
      });
    }),
});

/** A page of `name` in the lobby. */
async function enter(firefox: Firefox, server: PageServer, name: string): Promise<FirefoxPage> {
  const page = await firefox.open(server.address);
  await page.click("textbox", "Your name");
  await page.type(`${name}\n`);
  await page.shows(".connection-live", "connected");
  await comesTrue(
    "the focus is in the composer",
    () => page.run(() => document.activeElement?.tagName === "TEXTAREA"),
  );
  return page;
}

function texts(page: FirefoxPage): Promise<string[]> {
  return page.run(() => Array.from(document.querySelectorAll("article .text"), (text) => text.textContent!));
}

/** Scrolls up by a little; says how far a row that is seen moves while earlier messages come. */
async function scrollUp(): Promise<{ moved: number; rows: number; first: string }> {
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const scroller = document.querySelector(".scroller")!;
  const articles = () => Array.from(scroller.querySelectorAll<HTMLElement>("article"));
  scroller.scrollTop -= 2500; // often to the top of what is loaded
  await frame();
  const seen = articles().find((article) => article.getBoundingClientRect().top > 100);
  const before = seen?.getBoundingClientRect().top ?? 0;
  await new Promise((resolve) => setTimeout(resolve, 80));
  const after = articles().find(({ dataset }) => dataset.key === seen?.dataset.key);
  const moved = after === undefined ? 0 : Math.abs(after.getBoundingClientRect().top - before);
  const first = articles()[0]?.querySelector(".text")?.textContent ?? "";
  return { moved, rows: scroller.childElementCount, first };
}
