/** A server for the bench of the page, with rooms that are full, and a Chromium that opens pages of it. */
import { chromium } from "playwright-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { buildPage } from "../../page/built_page.ts";
import { Serve } from "../../server/serve_process.ts";
import type { SocketClient } from "../../support/socket_client.ts";
import { toolPath } from "../../tools.ts";

/** People that talk in turn: the page groups messages of one. */
const SPEAKERS = ["bob", "carol", "dave", "erin"];
/** Messages that a speaker sends before the server must have answered. */
const BATCH_MESSAGES = 250;
const WORDS = "the page shows what people say to each other and keeps its place while more of it comes".split(
  " ",
);

export class BenchServer implements AsyncDisposable {
  readonly #serve: Serve;
  readonly #browser: Browser;
  readonly #address: string;
  readonly #speakers: SocketClient[] = [];

  private constructor(serve: Serve, browser: Browser, address: string) {
    this.#serve = serve;
    this.#browser = browser;
    this.#address = address;
  }

  /** `home`: an empty folder. Throws where there is no Chromium. */
  static async open(home: string): Promise<BenchServer> {
    const executablePath = toolPath("chromium");
    if (executablePath === undefined) throw new Error("chromium is not installed");
    await buildPage();
    const flags = ["--web", "127.0.0.1:0", "--flood-rate", "1000000/1s", "--buffer", "256MiB"];
    const serve = await Serve.start(home, flags);
    const { address } = await serve.until(({ event, address }) =>
      event === "listening" && address?.startsWith("http") === true
    );
    const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
    const server = new BenchServer(serve, browser, address!);
    for (const nick of SPEAKERS) server.#speakers.push(await serve.enter(nick));
    return server;
  }

  /** A profile of a browser in which nothing is cached and no name is kept. */
  profile(): Promise<BrowserContext> {
    return this.#browser.newContext({ viewport: { width: 1280, height: 800 } });
  }

  async visit(page: Page): Promise<void> {
    await page.goto(this.#address);
  }

  /** A page of `name` in `rooms`, the last of which is open. */
  async enter(name: string, rooms: readonly string[]): Promise<Page> {
    const page = await (await this.profile()).newPage();
    await this.visit(page);
    await page.getByLabel("Your name").fill(name);
    await page.getByRole("button", { name: "Enter" }).click();
    await page.locator(".connection-live").waitFor({ state: "attached" });
    for (const room of rooms) {
      await page.getByLabel("Enter or make a room").click();
      await page.keyboard.type(`${room}\n`);
      await page.locator("article", { hasText: `in ${room}` }).first().waitFor();
    }
    return page;
  }

  /** `count` messages in `room`: `number 0 in #dev …` is the first. */
  async fill(room: string, count: number): Promise<void> {
    for (const speaker of this.#speakers) await speaker.send(`JOIN ${room}`);
    for (let start = 0; start < count; start += BATCH_MESSAGES) {
      const speaker = this.#speakers[start / BATCH_MESSAGES % SPEAKERS.length]!;
      const numbers = Array.from({ length: Math.min(BATCH_MESSAGES, count - start) }, (_, at) => start + at);
      await speaker.send(numbers.map((nth) => `PRIVMSG ${room} :${textOf(room, nth)}`).join("\r\n"));
      for (const each of this.#speakers) {
        await each.barrier();
        each.take();
      }
    }
  }

  /** Sends `perSecond` messages a second to `room` while `during` goes on. */
  async whileTalking<T>(room: string, perSecond: number, during: () => Promise<T>): Promise<T> {
    let sent = 0;
    const timer = setInterval(() => {
      const speaker = this.#speakers[sent % SPEAKERS.length]!;
      void speaker.send(`PRIVMSG ${room} :${textOf(room, sent++)}`);
      speaker.take();
    }, 1000 / perSecond);
    try {
      return await during();
    } finally {
      clearInterval(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await this.#serve.end();
    await this.#serve.stderr;
  }
}

/** Of one to three lines on the page. */
function textOf(room: string, nth: number): string {
  const words = Array.from({ length: 3 + nth * 7 % 40 }, (_, at) => WORDS[(nth + at) % WORDS.length]);
  return `number ${nth} in ${room} ${words.join(" ")}`;
}
