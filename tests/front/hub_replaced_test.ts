/** `serve --fronts 2` while its hub is killed, or hands over: what its clients notice of that. */
import { assertEquals } from "@std/assert";
import { programTest } from "../commands/program.ts";
import { Pty } from "../commands/pty.ts";
import type { Serve } from "../server/serve_process.ts";
import { inTime } from "../support/guard.ts";
import type { SocketClient } from "../support/socket_client.ts";
import { needs } from "../tools.ts";
import { frontsTest, haveEnded, kill, LINUX_ONLY, processesOf, startFronts } from "./fronts_process.ts";

const CLIENTS = 20;
/** Messages of the one that talks, and how many of them come between two ends of a hub. */
const MESSAGES = 800;
const BETWEEN = 200;

/** A hub ends; resolves when the next one has started. */
type Replace = (serve: Serve, hub: number) => Promise<void>;

async function killHub(serve: Serve, hub: number): Promise<void> {
  await kill(hub);
  await serve.until(({ text }) => text.startsWith("the hub ended (SIGKILL)"));
}

async function handOver(serve: Serve): Promise<void> {
  serve.child.kill("SIGUSR2");
  await serve.until(({ text }) => text.startsWith("the hub has handed over"));
}

/** Number of a message of the flood; 0: the line is none. */
function numberOf(line: string): number {
  return Number(/ PRIVMSG #lobby :(\d+)$/.exec(line)?.[1] ?? 0);
}

/** One client talks without a pause, all others listen, and the hub is replaced again and again. */
async function flood(home: string, flags: string[], replace: Replace): Promise<void> {
  const started = await startFronts(home, flags);
  const { serve, pids } = started;
  const clients: SocketClient[] = [];
  for (let n = 0; n < CLIENTS; n++) clients.push(await serve.enter(`c${n}`));
  const [talker, ...listeners] = clients as [SocketClient, ...SocketClient[]];
  await talker.send("CAP REQ :labeled-response echo-message batch");
  for (const client of clients) {
    await client.barrier();
    client.take();
  }
  const talk = async () => {
    for (let n = 1; n <= MESSAGES; n++) await talker.send(`@label=L${n} PRIVMSG #lobby :${n}`);
  };
  const talked = talk();
  let { hub } = started;
  for (let reached = BETWEEN; reached < MESSAGES; reached += BETWEEN) {
    await listeners[0]!.until((line) => numberOf(line) >= reached, `message ${reached}`);
    await replace(serve, hub);
    ({ hub } = await processesOf(serve));
  }
  await talked;
  for (const client of clients) await client.barrier();
  const all = Array.from({ length: MESSAGES }, (_, n) => n + 1);
  for (const [n, client] of listeners.entries()) {
    assertEquals(client.take().map((line) => numberOf(line) || line), all, `what client ${n + 1} was told`);
  }
  const answers = talker.take().map((line) =>
    /^@label=L(\d+) \S+ PRIVMSG #lobby :\1$/.exec(line)?.[1] ?? line
  );
  assertEquals(answers, all.map(String));
  assertEquals(await haveEnded(...pids), false);
  for (const client of clients) client.close();
  assertEquals(await serve.end(), 0);
}

frontsTest(
  "20 clients over two fronts notice nothing of a hub that is killed again and again",
  (home) => flood(home, ["--sync", "always"], killHub),
);

frontsTest(
  "20 clients over two fronts notice nothing of a hub that hands over again and again",
  (home) => flood(home, [], handOver),
);

const irssiConfig = (port: number) =>
  `settings = {
  "irc/core" = { cmd_queue_speed = "10msec"; };
  "fe-common/core" = { window_auto_change = "yes"; };
};
chatnets = { home = { type = "IRC"; nick = "irssi"; }; };
servers = ( { address = "127.0.0.1"; port = "${port}"; chatnet = "home"; autoconnect = "yes"; } );
`;

programTest(
  "fronts: irssi stays connected while the hub is killed and while it hands over",
  { ignore: LINUX_ONLY.ignore || needs("irssi", "script").ignore },
  async (home) => {
    const { serve, hub: first } = await startFronts(home, ["--sync", "always"]);
    const bob = await serve.enter("bob");
    await Deno.mkdir(`${home}/irssi`);
    await Deno.writeTextFile(`${home}/irssi/config`, irssiConfig(serve.port));
    {
      await using irssi = new Pty(["--home", `${home}/irssi`], {}, ["irssi"]);
      const shows = (line: RegExp) => inTime(`irssi shows ${line}`, irssi.line(line));
      await shows(/ No message of the day/);
      irssi.press("/join #lobby\r");
      await bob.until((line) => /^:irssi!\S+ JOIN /.test(line), "irssi in the room");
      irssi.press("/window 2\r");
      let hub = first;
      for (const [n, replace] of [killHub, handOver, killHub].entries()) {
        await replace(serve, hub);
        ({ hub } = await processesOf(serve));
        irssi.press(`still here ${n}\r`);
        await bob.until((line) => line.endsWith(` PRIVMSG #lobby :still here ${n}`), `irssi says ${n}`);
        await bob.send(`PRIVMSG #lobby :so am I ${n}`);
        await shows(new RegExp(`<.?bob> so am I ${n}$`));
      }
      irssi.press("/quit\r");
      await bob.until((line) => /^:irssi!\S+ QUIT /.test(line), "irssi leaves");
      assertEquals((await inTime("irssi ends", irssi.end())).code, 0);
    }
    const told = bob.take().filter((line) => line.startsWith(":irssi!")).map((line) => line.split(" ")[1]);
    assertEquals(told, ["JOIN", "PRIVMSG", "PRIVMSG", "PRIVMSG", "QUIT"]);
    bob.close();
    assertEquals(await serve.end(), 0);
  },
);
