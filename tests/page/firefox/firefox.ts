/**
 * A headless Firefox, driven by WebDriver BiDi (https://w3c.github.io/webdriver-bidi/), which it speaks over a
 * WebSocket. A page that reports an error, breaks its content policy, or asks another server for something, is noted
 * in {@link Firefox.faults}.
 */
import { linesOf } from "../../commands/program.ts";
import { comesTrue, endOf, inTime } from "../../support/guard.ts";
import { toolPath } from "../../tools.ts";

/** A mouse, which a machine without a screen may not have: pointers that are fine (2) and can hover (4). */
const PREFERENCES = ["primary", "all"]
  .map((pointers) => `user_pref("ui.${pointers}PointerCapabilities", 6);\n`).join("");

/** Longest wait for Firefox, ms: its start takes half a minute on a busy machine. */
const GUARD_MS = 120_000;

interface Answer {
  readonly id?: number;
  readonly method?: string;
  // deno-lint-ignore no-explicit-any -- a message of a protocol, read only here
  readonly [name: string]: any;
}

export class Firefox implements AsyncDisposable {
  readonly faults: string[] = [];
  /** Console errors that begin so are no faults: the server is away. */
  allowed: RegExp | undefined;
  readonly #child: Deno.ChildProcess;
  readonly #socket: WebSocket;
  readonly #asked = new Map<number, (answer: Answer) => void>();
  readonly #userContexts: string[] = [];
  #lastId = 0;
  #host = "";

  private constructor(child: Deno.ChildProcess, socket: WebSocket) {
    this.#child = child;
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#handle(JSON.parse(data));
  }

  /** Starts one with a new profile in `folder`. */
  static async start(folder: string): Promise<Firefox> {
    await Deno.writeTextFile(`${folder}/user.js`, PREFERENCES);
    const child = new Deno.Command(toolPath("firefox-esr")!, {
      args: ["--headless", "--no-remote", "--profile", folder, "--remote-debugging-port", "0"],
      env: { HOME: folder },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const address = await inTime("Firefox", findAddress(child.stderr), { guardMs: GUARD_MS });
    const socket = new WebSocket(`${address}/session`);
    await inTime("its WebSocket", new Promise((resolve) => socket.onopen = resolve));
    const firefox = new Firefox(child, socket);
    await firefox.send("session.new", { capabilities: {} });
    const events = ["log.entryAdded", "network.beforeRequestSent"];
    await firefox.send("session.subscribe", { events });
    const functionDeclaration = String(reportViolations);
    await firefox.send("script.addPreloadScript", { functionDeclaration });
    return firefox;
  }

  /** A page of `address`, in a browser profile of its own. */
  async open(address: string): Promise<FirefoxPage> {
    this.#host = new URL(address).host;
    const { userContext } = await this.send("browser.createUserContext", {});
    this.#userContexts.push(userContext);
    const { context } = await this.send("browsingContext.create", { type: "window", userContext });
    await this.send("browsingContext.setViewport", { context, viewport: { width: 1280, height: 800 } });
    await this.send("browsingContext.navigate", { context, url: address, wait: "complete" });
    return new FirefoxPage(this, context);
  }

  /** Closes all pages, and forgets what they have kept. */
  async closePages(): Promise<void> {
    for (const userContext of this.#userContexts.splice(0)) {
      await this.send("browser.removeUserContext", { userContext });
    }
  }

  /** The result of a command. @throws where it fails. */
  async send(method: string, params: object): Promise<Answer> {
    const id = ++this.#lastId;
    const answered = new Promise<Answer>((resolve) => this.#asked.set(id, resolve));
    this.#socket.send(JSON.stringify({ id, method, params }));
    const answer = await inTime(method, answered, { guardMs: GUARD_MS });
    if (answer.type === "error") throw new Error(`${method}: ${answer.error}: ${answer.message}`);
    return answer.result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.send("browser.close", {});
    await endOf(this.#child);
    this.#socket.close();
  }

  #handle(answer: Answer): void {
    if (answer.id !== undefined) {
      this.#asked.get(answer.id)?.(answer);
      this.#asked.delete(answer.id);
    } else if (answer.method === "log.entryAdded" && answer.params.level === "error") {
      if (!this.allowed?.test(answer.params.text)) this.faults.push(answer.params.text);
    } else if (answer.method === "network.beforeRequestSent") {
      const { url } = answer.params.request;
      const { protocol, host } = new URL(url);
      if (/^(http|ws)s?:$/.test(protocol) && host !== this.#host) this.faults.push(`asks for ${url}`);
    }
  }
}

/** Runs in a page: a violation of its content policy becomes an error on its console. */
function reportViolations(): void {
  addEventListener("securitypolicyviolation", (event) => {
    const { violatedDirective, blockedURI } = event as SecurityPolicyViolationEvent;
    console.error(`content policy: ${violatedDirective} ${blockedURI}`);
  });
}

/** Keys by their names, as WebDriver writes them. */
const KEYS: Readonly<Record<string, string>> = {
  Enter: "\uE007",
  Escape: "\uE00C",
  Control: "\uE009",
  ArrowUp: "\uE013",
  ArrowDown: "\uE015",
  Tab: "\uE004",
};

export class FirefoxPage {
  readonly #firefox: Firefox;
  readonly #context: string;

  constructor(firefox: Firefox, context: string) {
    this.#firefox = firefox;
    this.#context = context;
  }

  /** What `fn` answers in the page. */
  async run<T, A extends readonly unknown[]>(fn: (...args: A) => T, ...args: A): Promise<Awaited<T>> {
    const call = `(async () => JSON.stringify([await (${fn})(...${JSON.stringify(args)})]))()`;
    const { result, exceptionDetails } = await this.#firefox.send("script.evaluate", {
      expression: call,
      target: { context: this.#context },
      awaitPromise: true,
    });
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.text);
    return JSON.parse(result.value)[0];
  }

  /** Waits until something matches `selector` and has `text` in it. */
  async shows(selector: string, text: string): Promise<void> {
    await comesTrue(`${selector} with ${text}`, () =>
      this.run(
        (selector, text) =>
          Array.from(document.querySelectorAll(selector)).some((found) => found.textContent!.includes(text)),
        selector,
        text,
      ));
  }

  /** Clicks on the element of this role and accessible name, when it is there. */
  async click(role: string, name: string): Promise<void> {
    const locator = { type: "accessibility", value: { role, name } };
    const node = await comesTrue(`${role} ${name}`, async () => {
      const { nodes } = await this.#firefox.send("browsingContext.locateNodes", {
        context: this.#context,
        locator,
      });
      return nodes[0] ?? false;
    });
    const origin = { type: "element", element: { sharedId: node.sharedId } };
    const actions = [
      { type: "pointerMove", x: 0, y: 0, origin },
      { type: "pointerDown", button: 0 },
      { type: "pointerUp", button: 0 },
    ];
    await this.#act({ type: "pointer", id: "mouse", actions });
  }

  /** Types `text` where the focus is; `\n` is Enter. */
  type(text: string): Promise<void> {
    return this.press(...Array.from(text, (character) => character === "\n" ? "Enter" : character));
  }

  /** Presses keys, one after the other. */
  async press(...keys: string[]): Promise<void> {
    const actions = keys.map((key) => KEYS[key] ?? key)
      .flatMap((value) => [{ type: "keyDown", value }, { type: "keyUp", value }]);
    await this.#act({ type: "key", id: "keyboard", actions });
  }

  async reload(): Promise<void> {
    await this.#firefox.send("browsingContext.reload", { context: this.#context, wait: "complete" });
  }

  async #act(source: object): Promise<void> {
    await this.#firefox.send("input.performActions", { context: this.#context, actions: [source] });
  }
}

/** The address that Firefox prints; what it says after that is read, and dropped. */
async function findAddress(stderr: Deno.ChildProcess["stderr"]): Promise<string> {
  const found = Promise.withResolvers<string>();
  void (async () => {
    let said = "";
    for await (const line of linesOf(stderr, "unguarded")) {
      said = `${said}${line}\n`.slice(-10_000);
      const address = /BiDi listening on (ws:\S+)/.exec(line)?.[1];
      if (address !== undefined) found.resolve(address);
    }
    found.reject(new Error(`Firefox ended; it said: ${said}`));
  })();
  return await found.promise;
}
