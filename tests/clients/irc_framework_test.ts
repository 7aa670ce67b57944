/** Bots on irc-framework (npm; see tests/clients/irc_framework.json): the one of irc_framework_bot.js carries out every `!deploy`. */
import { assertEquals } from "@std/assert";
import { linesOf } from "../commands/program.ts";
import { needs, toolPath } from "../tools.ts";
import { inTime, Lobby, PASSWORD } from "./lobby.ts";

const BOT = new URL("./irc_framework_bot.js", import.meta.url).pathname;

interface Told {
  readonly what: "joined" | "heard" | "deployed" | "closed";
  readonly message?: string;
  readonly inHistory?: boolean;
}

/** A bot that runs until it is told to end. */
class Bot {
  readonly #child: Deno.ChildProcess;
  readonly #lines: AsyncGenerator<string>;
  readonly told: Told[] = [];

  constructor(port: number, ...mode: string[]) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--no-config", "--no-lock", "--node-modules-dir=manual", BOT],
        ...[Deno.realPathSync(toolPath("irc-framework")!), String(port), "bot", PASSWORD, ...mode],
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#lines = linesOf(this.#child.stdout);
  }

  /** Waits until it tells something. */
  async tells(fits: (told: Told) => boolean): Promise<void> {
    const come = async () => {
      for (let line = await this.#lines.next(); !line.done; line = await this.#lines.next()) {
        this.told.push(JSON.parse(line.value));
        if (fits(this.told.at(-1)!)) return;
      }
      throw new Error(`it ended: ${JSON.stringify(this.told)}`);
    };
    await inTime("the bot tells it", come());
  }

  get deployed(): string[] {
    return this.told.flatMap(({ what, message }) => what === "deployed" ? [message!] : []);
  }

  /** What it heard out of history, and how often it was said that something waits. */
  get old(): { history: string[]; notices: number } {
    const heard = this.told.filter(({ what }) => what === "heard");
    return {
      history: heard.flatMap(({ inHistory, message }) => inHistory ? [message!] : []),
      notices: heard.filter(({ message }) => / for you while you were away/.test(message!)).length,
    };
  }

  /** It says that it quits, and its connection ends. */
  async quit(): Promise<void> {
    const writer = this.#child.stdin.getWriter();
    await writer.write(new Uint8Array([10]));
    writer.releaseLock();
    await this.tells(({ what }) => what === "closed");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // ended already
    }
    await this.#child.status;
    await this.#child.stdin.close().catch(() => {}); // closed with the process
  }
}

/** A lobby where bots were told to deploy before they came. */
async function lobbyWithOrders(): Promise<Lobby> {
  const lobby = await Lobby.open();
  await lobby.register("bot");
  await lobby.say("!deploy the room's");
  await lobby.tell("bot", "!deploy what was said directly");
  return lobby;
}

Deno.test({
  name: "irc-framework: a bot that sets +B carries out what it is told now, and nothing old",
  ...needs("irc-framework"),
  async fn() {
    await using lobby = await lobbyWithOrders();
    for (const order of ["!deploy now", "!deploy again"]) {
      await using bot = new Bot(lobby.port, "+B");
      await bot.tells(({ what }) => what === "joined");
      await bot.tells(({ message }) => / for you while you were away/.test(message ?? ""));
      await lobby.say(order);
      await bot.tells(({ what }) => what === "deployed");
      assertEquals(bot.deployed, [order]);
      await bot.quit();
      await lobby.seesOff("bot");
      assertEquals(bot.old, { history: [], notices: 1 });
      await lobby.say("!deploy while it is away");
    }
  },
});

Deno.test({
  name:
    "irc-framework: a bot that is logged in is shown the past once, marked as such, and not again when it reconnects",
  ...needs("irc-framework"),
  async fn() {
    await using lobby = await lobbyWithOrders();
    const past = [
      ["!deploy what was said directly", "said before you came", "!deploy the room's"],
      ["!deploy while it is away"],
    ];
    for (const [nth, history] of past.entries()) {
      await using bot = new Bot(lobby.port);
      await bot.tells(({ inHistory, message }) => inHistory === true && message === history.at(-1));
      await lobby.say(`!deploy ${nth}`);
      await bot.tells(({ what }) => what === "deployed");
      await bot.quit();
      await lobby.seesOff("bot");
      assertEquals([bot.deployed, bot.old.history.sort()], [[`!deploy ${nth}`], history.toSorted()]);
      await lobby.say("!deploy while it is away");
    }
  },
});
