/**
 * A server, and pages of it in a real Chromium. A page that reports an error, breaks the content policy, or asks
 * another server for something, fails the test.
 */
/// <reference lib="dom" />
import axe from "axe-core";
import { chromium } from "playwright-core";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { assertEquals } from "@std/assert";
import { comesTrue, GUARD_MS } from "../support/guard.ts";
import type { SocketClient } from "../support/socket_client.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { toolPath } from "../tools.ts";
import { CHROMIUM } from "./support/chromium.ts";
import { PageServer } from "./support/page_server.ts";

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

export class ChatPages implements AsyncDisposable {
  readonly #contexts: BrowserContext[] = [];
  readonly #browser: Browser;
  /** What pages have done that fails the test. */
  readonly #faults: string[] = [];
  readonly server: PageServer;
  #expectsFaults = false;
  /** While the server is away, a page may say that it cannot reach it. */
  #mayBeOffline = false;

  private constructor(browser: Browser, server: PageServer) {
    this.#browser = browser;
    this.server = server;
  }

  static async open(home: string, browser: Browser): Promise<ChatPages> {
    return new ChatPages(browser, await PageServer.start(home));
  }

  /** The port for IRC clients. */
  get port(): number {
    return this.server.port;
  }

  /** Waits until a page does what fails a test, which does not fail this one. */
  async fault(text: string): Promise<void> {
    this.#expectsFaults = true;
    const isFound = () => this.#faults.some((fault) => fault.includes(text));
    await comesTrue(text, isFound, { heard: () => this.#faults });
  }

  /** The address of the page. */
  get address(): string {
    return this.server.address;
  }

  /** A page before its login, in a browser profile of its own. */
  async page(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({
      viewport: { width: 1280, height: 800 },
      permissions: ["clipboard-write"], // which the shell without windows does not give by itself
      ...options,
    });
    context.setDefaultTimeout(GUARD_MS);
    this.#contexts.push(context);
    await context.addInitScript(reportViolations);
    return await this.tab(context);
  }

  /** Another tab in the browser profile of a page. */
  async tab(context: BrowserContext): Promise<Page> {
    const page = await context.newPage();
    page.on("pageerror", (error) => void this.#faults.push(String(error.stack)));
    page.on("console", (message) => {
      const isOffline = this.#mayBeOffline && /WebSocket connection|ERR_/.test(message.text());
      if (message.type() === "error" && !isOffline) this.#faults.push(message.text());
    });
    page.on("request", (request) => this.#noteAddress(request.url()));
    page.on("websocket", (socket) => this.#noteAddress(socket.url()));
    await page.goto(this.server.address);
    return page;
  }

  /** A page of `name` in the lobby. */
  async enter(name: string, options?: BrowserContextOptions): Promise<Page> {
    const page = await this.page(options);
    await page.getByLabel("Your name").fill(name);
    await page.getByRole("button", { name: "Enter" }).click();
    await isLive(page);
    return page;
  }

  /** A client of IRC without a page. */
  client(nick: string): Promise<SocketClient> {
    return this.server.client(nick);
  }

  /** From now on pages may say that they cannot reach the server. */
  allowOffline(): void {
    this.#mayBeOffline = true;
  }

  /** Kills the server as a power failure does. */
  kill(): Promise<void> {
    this.allowOffline();
    return this.server.kill();
  }

  /** Starts the server again, at the same address. */
  restart(): Promise<void> {
    return this.server.restart();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const context of this.#contexts) await context.close();
    await this.server[Symbol.asyncDispose]();
    if (!this.#expectsFaults) assertEquals(this.#faults, []);
  }

  #noteAddress(address: string): void {
    if (new URL(address).host !== new URL(this.server.address).host) this.#faults.push(`asks for ${address}`);
  }
}

/** Runs in a page: a violation of its content policy becomes an error on its console. */
function reportViolations(): void {
  addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
    console.error(`content policy: ${violatedDirective} ${blockedURI}`);
  });
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
    executablePath: toolPath(CHROMIUM)!,
    args: ["--no-sandbox", "--disable-gpu"],
  });
}

/** Waits until `page` is connected, and one can type: the room of a new name is there a little later. */
export async function isLive(page: Page): Promise<void> {
  await page.locator(".connection-live").waitFor({ state: "attached" });
  await page.locator("textarea").waitFor();
}

/** Texts of the messages that `page` shows. */
export function texts(page: Page): Promise<string[]> {
  return page.locator("article .text").allInnerTexts();
}

/** Waits until `page` shows a message with `text`. */
export async function shows(page: Page, text: string): Promise<void> {
  await page.locator("article", { hasText: text }).first().waitFor();
}

/** Waits until `page` has `title`. */
export async function hasTitle(page: Page, title: string): Promise<void> {
  await comesTrue(`the title ${title}`, async () => await page.title() === title);
}

/** Types `text` into the composer of `page` and sends it. */
export async function say(page: Page, text: string): Promise<void> {
  await page.locator("textarea").fill(text);
  await page.locator("textarea").press("Enter");
}

/** Types `text` into the field that has just been asked for, when it is there: it may be of the second part of the page. */
export async function typeIntoField(page: Page, text: string): Promise<void> {
  await page.locator("input:focus").waitFor();
  await page.keyboard.type(text);
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
