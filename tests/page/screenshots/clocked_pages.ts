/** A server with a clock of its own, people that write on it, and a browser that looks at it at the same time. */
import { chromium } from "playwright-core";
import type { Browser, Page } from "playwright-core";
import { Serve } from "../../server/serve_process.ts";
import { toolPath } from "../../tools.ts";
import { buildPage } from "../built_page.ts";

const PROGRAM = "tests/page/screenshots/clocked_server.ts";

export class ClockedPages implements AsyncDisposable {
  readonly #home: string;
  readonly #browser: Browser;
  #serve: Serve;
  #webAddress = "";

  private constructor(home: string, browser: Browser, serve: Serve) {
    this.#home = home;
    this.#browser = browser;
    this.#serve = serve;
  }

  static async open(home: string): Promise<ClockedPages> {
    await buildPage();
    Deno.env.set("CHATTERBOX_CLOCK_FILE", `${home}/clock`);
    await Deno.writeTextFile(`${home}/clock`, "0");
    const browser = await chromium.launch({
      executablePath: toolPath("chromium")!,
      args: ["--no-sandbox", "--disable-gpu"],
    });
    const pages = new ClockedPages(home, browser, await startServer(home, "127.0.0.1:0"));
    await pages.#findWebAddress();
    return pages;
  }

  /** The port for IRC clients. */
  get port(): number {
    return this.#serve.port;
  }

  /** From now on it is `time`, in milliseconds since the epoch, for the server. */
  async setTime(time: number): Promise<void> {
    await Deno.writeTextFile(`${this.#home}/clock`, String(time - Date.now()));
  }

  /** A page for which it is `time`. `script` runs before those of the page. */
  async page(time: number, script = ""): Promise<Page> {
    const context = await this.#browser.newContext({
      timezoneId: "UTC",
      locale: "en-GB",
      reducedMotion: "reduce",
    });
    await context.addInitScript(`{
      const machineTime = Date.now;
      const offset = ${time} - machineTime();
      Date.now = () => machineTime() + offset;
      ${script}
    }`);
    const page = await context.newPage();
    await page.goto(this.#webAddress);
    return page;
  }

  /** Kills the server as a power failure does. */
  async kill(): Promise<void> {
    await this.#serve.kill();
  }

  /** Starts the server again, at the same address. */
  async restart(): Promise<void> {
    this.#serve = await startServer(this.#home, new URL(this.#webAddress).host);
    await this.#findWebAddress();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await this.#serve.end();
    await this.#serve.stderr;
  }

  async #findWebAddress(): Promise<void> {
    const { address } = await this.#serve.until(({ event, address }) =>
      event === "listening" && address?.startsWith("http") === true
    );
    this.#webAddress = address!;
  }
}

function startServer(home: string, web: string): Promise<Serve> {
  return Serve.start(home, ["--web", web, "--sync", "always"], "", PROGRAM);
}
