/**
 * The Lounge, a client that lives on a server of its own and is seen in a browser: told and asked as its page does, by socket.io
 * over a WebSocket (https://socket.io/docs/v4/socket-io-protocol/). See tests/clients/thelounge.json.
 */
import { assertEquals } from "@std/assert";
import { linesOf } from "../commands/program.ts";
import { endOf } from "../support/guard.ts";
import { needs, toolPath } from "../tools.ts";
import { AWAY, BEFORE, inTime, Lobby, PASSWORD } from "./lobby.ts";

const CONFIG = {
  public: true,
  host: "127.0.0.1",
  port: 0,
  prefetch: false,
  fileUpload: { enable: false },
  themes: [],
};

/** Of what it tells its pages, what is looked at here. */
interface Told {
  readonly chan?: number;
  readonly nick?: string;
  readonly msg?: {
    readonly type: string;
    readonly text?: string;
    readonly from?: { readonly nick?: string };
    readonly whois?: { readonly away?: string };
  };
}

/** What the page in a browser would be. */
class Page {
  readonly #socket: WebSocket;
  readonly #heard: { readonly event: string; readonly data: Told }[] = [];
  #look: () => void = () => {};

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#hear(String(data));
  }

  static async open(url: string): Promise<Page> {
    const page = new Page(new WebSocket(`${url.replace("http", "ws")}socket.io/?EIO=4&transport=websocket`));
    await page.hears("init", () => true);
    return page;
  }

  /** Waits for an event, and gives its data. */
  async hears(event: string, fits: (data: Told) => boolean): Promise<Told> {
    const find = () => this.#heard.find((heard) => heard.event === event && fits(heard.data));
    const come = async () => {
      while (find() === undefined) await new Promise<void>((resolve) => this.#look = resolve);
      return find()!.data;
    };
    const heard = () => this.#heard.map((each) => `${each.event} ${JSON.stringify(each.data).slice(0, 200)}`);
    return await inTime(`${event} in The Lounge's page`, come(), { heard });
  }

  say(event: string, data: unknown): void {
    this.#socket.send(`42${JSON.stringify([event, data])}`);
  }

  close(): void {
    this.#socket.close();
  }

  #hear(packet: string): void {
    if (packet.startsWith("0")) this.#socket.send("40"); // opened: connect
    else if (packet === "2") this.#socket.send("3"); // ping
    else if (packet.startsWith("42")) {
      const [event, data] = JSON.parse(packet.slice(2));
      this.#heard.push({ event, data });
      this.#look();
    }
  }
}

/** Started by Deno, whose Node is young enough for it; its address. */
async function startLounge(folder: string): Promise<{ child: Deno.ChildProcess; url: string }> {
  await Deno.writeTextFile(`${folder}/config.js`, `module.exports = ${JSON.stringify(CONFIG)};`);
  const program = await Deno.realPath(toolPath("thelounge")!);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-config", "--node-modules-dir=manual", program, "start"],
    env: { THELOUNGE_HOME: folder, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const lines = linesOf(child.stdout, "unguarded");
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    const url = /Available at (http:\S+)/.exec(line.value)?.[1];
    if (url === undefined) continue;
    void (async () => {
      for await (const _ of lines);
    })();
    return { child, url };
  }
  throw new Error("The Lounge ended before it was available");
}

Deno.test({
  name: "The Lounge logs in, sees what was said before and who is away, talks, hears, and changes its name",
  ...needs("thelounge"),
  async fn() {
    await using lobby = await Lobby.open();
    await lobby.register("lounge");
    const { child, url } = await inTime("The Lounge starts", startLounge(await lobby.folder("lounge")));
    await using _ended = {
      [Symbol.asyncDispose]: async () => (child.kill("SIGKILL"), void await endOf(child)),
    };
    const page = await Page.open(url);
    page.say("network:new", {
      name: "home",
      host: "127.0.0.1",
      port: lobby.port,
      tls: false,
      nick: "lounge",
      username: "lounge",
      realname: "The Lounge",
      sasl: "plain",
      saslAccount: "lounge",
      saslPassword: PASSWORD,
      join: "#lobby",
    });
    const said = (text: string) =>
      page.hears("msg", ({ msg }) => msg?.from?.nick === "bystander" && msg.text === text);
    const channel = (await page.hears("msg", ({ msg }) =>
      msg?.type === "join" && msg.from?.nick === "lounge")).chan;
    const type = (text: string) => page.say("input", { target: channel, text });

    await said(BEFORE);
    assertEquals(await lobby.isLoggedIn("lounge"), true);
    type("hello from The Lounge");
    await lobby.hears("lounge", "hello from The Lounge");
    await lobby.say("welcome");
    await said("welcome");
    await lobby.away();
    type("/whois bystander");
    await page.hears("msg", ({ msg }) => msg?.type === "whois" && msg.whois?.away === AWAY);
    type("/nick lounge2");
    await lobby.seesRenamed("lounge", "lounge2");
    await page.hears("nick", ({ nick }) => nick === "lounge2");
    type("/quit");
    await lobby.seesOff("lounge2");
    page.close();
  },
});
