/** `serve --fronts 2` as processes: hubs that end in the moments that count, and clients that leave then. */
import { assertEquals } from "@std/assert";
import { RELAY_VERSION } from "../../lib/relay/handshake.ts";
import { MAX_SESSION_TRIES } from "../../lib/relay/tries.ts";
import { changeRelayVersion, copyProgram } from "../cluster/program_copy.ts";
import { Serve } from "../server/serve_process.ts";
import { comesTrue } from "../support/guard.ts";
import { frontsTest, haveEnded, kill, processesOf, restarted, startFronts } from "./fronts_process.ts";

frontsTest(
  "what clients say and their QUIT to a hub that hangs is carried out by the next one",
  async (home) => {
    const { serve, hub } = await startFronts(home, ["--sync", "always"]);
    const [ann, ben, cat] = [await serve.enter("ann"), await serve.enter("ben"), await serve.enter("cat")];
    for (const client of [ann, ben, cat]) await client.barrier();
    ann.take();
    await kill(hub, "STOP");
    await ben.send("PRIVMSG #lobby :one\r\nPRIVMSG #lobby :two\r\nQUIT :have to go");
    ben.close();
    cat.close();
    await kill(hub);
    await processesOf(serve);
    for (const nick of ["ben", "cat"]) {
      await ann.until((line) => line.startsWith(`:${nick}!`) && / QUIT /.test(line), `${nick} leaves`);
    }
    const told = ann.take().map((line) => line.replace(/^:(\w+)!\S+/, "$1"));
    assertEquals(told.filter((line) => line.startsWith("ben")), [
      "ben PRIVMSG #lobby :one",
      "ben PRIVMSG #lobby :two",
      "ben QUIT :Quit: have to go",
    ]);
    assertEquals(told.filter((line) => line.startsWith("cat")), ["cat QUIT :Connection closed"]);
    const again = await serve.enter("cat"); // its name is free
    for (const client of [ann, again]) client.close();
    assertEquals(await serve.end(), 0);
  },
);

/** The child process of `keeper` that is none of `known`; false: there is none. */
async function childBeside(keeper: number, known: readonly number[]): Promise<number | false> {
  const script = 'for stat in /proc/[0-9]*/stat; do read -r line < $stat && echo "$line"; done 2>/dev/null';
  const { stdout } = await new Deno.Command("sh", { args: ["-c", script] }).output();
  for (const line of new TextDecoder().decode(stdout).split("\n")) {
    const [, pid, state, parent] = /^(\d+) \(.*\) (.) (\d+) /.exec(line) ?? [];
    if (Number(parent) === keeper && state !== "Z" && !known.includes(Number(pid))) return Number(pid);
  }
  return false;
}

/** Connections that a hub has accepted at the sockets in its folder: those of its keeper and of fronts. */
async function acceptedIn(dataDir: string): Promise<number> {
  const table = await new Deno.Command("sh", { args: ["-c", "cat /proc/net/unix"] }).output();
  const lines = new TextDecoder().decode(table.stdout).split("\n");
  return lines.filter((line) => / 0001 03 /.test(line) && line.includes(` ${dataDir}/`)).length;
}

frontsTest(
  "hubs that are killed before they begin to restore cost no session, however many",
  async (home) => {
    const { serve, hub, pids } = await startFronts(home, ["--sync", "always"]);
    const clients = [];
    for (let n = 0; n < 6; n++) clients.push(await serve.enter(`c${n}`));
    for (const client of clients) await client.barrier();
    for (const client of clients) client.take();
    // While it hangs, the hubs wait for what it presents. The other one has presented its sessions at once.
    await kill(pids[1]!, "STOP");
    await kill(hub);
    const killed = [hub];
    while (killed.length <= MAX_SESSION_TRIES + 1) {
      const next = await comesTrue("the next hub", () => childBeside(serve.child.pid, [...pids, ...killed]));
      await comesTrue("keeper and front have come", async () => await acceptedIn(`${home}/data`) >= 2);
      await kill(next);
      killed.push(next);
    }
    await kill(pids[1]!, "CONT");
    await processesOf(serve);
    await clients[0]!.send("PRIVMSG #lobby :still here");
    for (const client of clients) await client.barrier();
    for (const client of clients.slice(1)) {
      assertEquals(client.take().map((line) => line.replace(/^\S+ /, "")), ["PRIVMSG #lobby :still here"]);
    }
    assertEquals(await haveEnded(...pids), false);
    for (const client of clients) client.close();
    assertEquals(await serve.end(), 0);
  },
);

frontsTest(
  "a hub that speaks another version of the relay gets new fronts, and the old ones say so",
  async (home) => {
    const program = await copyProgram(`${home}/copy`);
    const serve = await Serve.start(home, ["--fronts", "2"], "", program);
    const { pids } = await processesOf(serve);
    const ann = await serve.enter("ann");
    await changeRelayVersion(`${home}/copy`, RELAY_VERSION + 1);
    serve.child.kill("SIGUSR2");
    await ann.ended();
    assertEquals(ann.take().filter((line) => line.startsWith("ERROR")), [
      "ERROR :Closing Link: the server has ended",
    ]);
    await restarted(serve);
    await comesTrue("the old fronts have ended", () => haveEnded(...pids));
    const ben = await serve.enter("ben");
    await ben.barrier();
    const said = serve.said.map(({ text }) => text);
    const words = `the front speaks version ${RELAY_VERSION} of the relay`;
    assertEquals(said.some((text) => text.startsWith(words)), true, said.join("\n"));
    ben.close();
    assertEquals(await serve.end(), 0);
  },
);
