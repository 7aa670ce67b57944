/** A server, and pages of it in a real Chromium. A page that reports an error, or breaks the content policy, fails the test. */
import axe from "axe-core";
import { chromium } from "playwright-core";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { assertEquals } from "@std/assert";
import { Serve } from "../server/serve_process.ts";
import { SocketClient } from "../support/socket_client.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { toolPath } from "../tools.ts";
import { buildPage } from "./built_page.ts";

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

export class ChatPages implements AsyncDisposable {
  readonly #home: string;
  readonly #contexts: BrowserContext[] = [];
  readonly #browser: Browser;
  readonly #faults: string[] = [];
  #serve: Serve;
  #webAddress = "";
  /** While the server is away, a page may say that it cannot reach it. */
  #mayBeOffline = false;

  private constructor(home: string, browser: Browser, serve: Serve) {
    this.#home = home;
    this.#browser = browser;
    this.#serve = serve;
  }

  static async open(home: string, browser: Browser): Promise<ChatPages> {
    await buildPage();
    const pages = new ChatPages(home, browser, await Serve.start(home, ["--web", "127.0.0.1:0"]));
    await pages.#findWebAddress();
    return pages;
  }

  /** The port for IRC clients. */
  get port(): number {
    return this.#serve.port;
  }

  /** The address of the page. */
  get address(): string {
    return this.#webAddress;
  }

  /** A page before its login, in a browser profile of its own. */
  async page(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    this.#contexts.push(context);
    const page = await context.newPage();
    page.on("pageerror", (error) => void this.#faults.push(String(error.stack)));
    page.on("console", (message) => {
      const isOffline = this.#mayBeOffline && /WebSocket connection|ERR_/.test(message.text());
      if (message.type() === "error" && !isOffline) this.#faults.push(message.text());
    });
    await page.goto(this.#webAddress);
    return page;
  }

  /** A page of `name` in the lobby. */
  async enter(name: string, options?: BrowserContextOptions): Promise<Page> {
    const page = await this.page(options);
    await page.getByLabel("Your name").fill(name);
    await page.getByRole("button", { name: "Enter" }).click();
    await page.locator(".connection-live").waitFor({ state: "attached" });
    return page;
  }

  /** A client of IRC without a page. */
  async client(nick: string): Promise<SocketClient> {
    const client = await SocketClient.connect({ kind: "tcp", host: "127.0.0.1", port: this.port });
    for (const line of [`NICK ${nick}`, `USER ${nick} 0 * :${nick}`]) await client.send(line);
    await client.barrier();
    return client;
  }

  /** From now on pages may say that they cannot reach the server. */
  allowOffline(): void {
    this.#mayBeOffline = true;
  }

  /** Kills the server as a power failure does. */
  async kill(): Promise<void> {
    this.allowOffline();
    await this.#serve.kill();
  }

  /** Starts the server again, at the same address. */
  async restart(): Promise<void> {
    const web = new URL(this.#webAddress).host;
    this.#serve = await Serve.start(this.#home, ["--web", web]);
    await this.#findWebAddress();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const context of this.#contexts) await context.close();
    await this.#serve.end();
    await this.#serve.stderr;
    assertEquals(this.#faults, []);
  }

  async #findWebAddress(): Promise<void> {
    const { address } = await this.#serve.until(({ event, address }) =>
      event === "listening" && address?.startsWith("http") === true
    );
    this.#webAddress = address!;
  }
}

/** The browser of all tests of a file; each of them has contexts of its own. */
let browser: Browser | undefined;
let hasCleanUp = false;

/** A test with a server of its own. */
export function pageTest(name: string, fn: (chat: ChatPages) => Promise<void>): void {
  if (!hasCleanUp) Deno.test.afterAll(() => browser?.close());
  hasCleanUp = true;
  Deno.test({
    name: `page: ${name}`,
    sanitizeOps: false, // the browser stays for the next test
    sanitizeResources: false,
    fn: () =>
      withTempDir(async (home) => {
        browser ??= await launch();
        await using chat = await ChatPages.open(home, browser);
        await fn(chat);
      }),
  });
}

function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: toolPath("chromium")!,
    args: ["--no-sandbox", "--disable-gpu"],
  });
}

/** Texts of the messages that `page` shows. */
export function texts(page: Page): Promise<string[]> {
  return page.locator("article .text").allInnerTexts();
}

/** Waits until `page` shows a message with `text`. */
export async function shows(page: Page, text: string): Promise<void> {
  await page.locator("article", { hasText: text }).first().waitFor();
}

/** Types `text` into the composer of `page` and sends it. */
export async function say(page: Page, text: string): Promise<void> {
  await page.locator("textarea").fill(text);
  await page.locator("textarea").press("Enter");
}

/** Fails where axe finds something in `page`; `state` is what it shows. */
export async function checkAccess(page: Page, state: string): Promise<void> {
  await page.evaluate(`${axe.source};0`);
  const { violations } = await page.evaluate(
    "axe.run(document, { resultTypes: ['violations'] })",
  ) as AxeResult;
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`);
  assertEquals(found, [], `in the state ${state}`);
}
