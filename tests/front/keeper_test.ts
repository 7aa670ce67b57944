/** The processes of `serve --fronts 2`: what becomes of the server when one of them dies, or is sent a signal. */
import { assertEquals, assertMatch } from "@std/assert";
import { program, programTest } from "../commands/program.ts";
import { Serve } from "../server/serve_process.ts";
import { comesTrue } from "../support/guard.ts";
import { frontsTest, haveEnded, kill, restarted, runningOf, startFronts } from "./fronts_process.ts";

/** The lines of an answer to a request for the lobby's history. */
async function historyOf(serve: Serve, nick: string): Promise<string[]> {
  const client = await serve.connect();
  await client.send(
    `CAP REQ :draft/chathistory batch\r\nNICK ${nick}\r\nUSER ${nick} 0 * :${nick}\r\nCAP END`,
  );
  await client.send("JOIN #lobby\r\nCHATHISTORY LATEST #lobby * 20");
  await client.barrier();
  client.close();
  return client.take().flatMap((line) => / PRIVMSG #lobby :(.*)/.exec(line)?.[1] ?? []);
}

frontsTest("a hub that is killed is started again, with what it had saved", async (home) => {
  const { serve, hub } = await startFronts(home, ["--sync", "always"]);
  const alice = await serve.enter("alice");
  await alice.send("PRIVMSG #lobby :said before");
  await alice.barrier();
  alice.close();
  for (let dead = hub, n = 1; n <= 3; n++) {
    await kill(dead);
    const said = await serve.until(({ event }) => event === "hub");
    assertMatch(said.text, /^the hub ended \(SIGKILL\); it is started again in 0\.\d s$/);
    dead = (await restarted(serve)).hub;
    assertEquals((await historyOf(serve, `reader${n}`)).filter((text) => text === "said before").length, 1);
  }
  assertEquals(await serve.end(), 0);
  assertEquals(await serve.stderr, "");
});

frontsTest("a hub that cannot start again is tried again, until its files are right", async (home) => {
  const password = `${home}/password`;
  await Deno.writeTextFile(password, "secret", { mode: 0o600 });
  const { serve, hub } = await startFronts(home, ["--password-file", password]);
  await Deno.chmod(password, 0o644);
  await kill(hub);
  for (let n = 0; n < 2; n++) {
    await serve.until(({ text }) => text.startsWith("the hub ended (exit code 78)"));
  }
  await Deno.chmod(password, 0o600);
  await restarted(serve);
  assertEquals(await serve.end(), 0);
  assertMatch(await serve.stderr, /other users can read/);
});

frontsTest("a data folder in use: 73, and the process is that of the hub", async (home) => {
  const { serve, hub } = await startFronts(home);
  const refused = await Serve.refused(home, ["--fronts", "2"]);
  assertEquals(refused.code, 73);
  assertMatch(refused.words, new RegExp(`in use by another server \\(process ${hub}\\)`));
  assertEquals(await serve.end(), 0);
});

for (const signal of ["INT", "TERM"]) {
  frontsTest(
    `SIG${signal} to all processes at once, as by Ctrl-C, stops the server in order`,
    async (home) => {
      const { serve, hub, pids } = await startFronts(home);
      const alice = await serve.enter("alice");
      await kill([serve.child.pid, hub, ...pids], signal);
      await alice.ended();
      assertMatch(alice.take().join("\n"), /ERROR :.*Server shutting down/);
      alice.close();
      assertEquals(await serve.ended(), 0);
      assertEquals(await runningOf([hub, ...pids]), []);
    },
  );
}

frontsTest("a second signal stops the server at once, also one with a hub that hangs", async (home) => {
  const { serve, hub, pids } = await startFronts(home);
  await kill(hub, "STOP");
  const ended = serve.ended();
  // Two that come at once count as one.
  await comesTrue("the end", async () => {
    if (await haveEnded(serve.child.pid)) return true;
    await kill(serve.child.pid, "TERM").catch(() => {}); // it may end at any time
    return false;
  });
  assertEquals(await ended, 143);
  assertEquals(await runningOf([hub, ...pids]), []);
});

frontsTest("a hub that dies while the server stops has not saved everything: 74", async (home) => {
  const { serve, hub, pids } = await startFronts(home);
  await kill(hub, "STOP");
  serve.child.kill("SIGTERM");
  await kill(hub);
  assertEquals(await serve.ended(), 74);
  assertMatch(await serve.stderr, /^chatterbox: the hub ended \(SIGKILL\) before it had saved everything\n$/);
  assertEquals(await runningOf(pids), []);
});

programTest("hub: typed by a person it says what starts it: 64", {}, async (home) => {
  for (const words of [["hub"], ["hub", "{}"], ["hub", '{"version":99}', "--fronts", "1"]]) {
    const { code, err } = await program(words, home);
    assertEquals([code, /^chatterbox: hub: only chatterbox serve --fronts .* starts this\n$/.test(err)], [
      64,
      true,
    ]);
  }
});

frontsTest("a hub that is sent SIGTERM stops the server", async (home) => {
  const { serve, hub, pids } = await startFronts(home);
  await kill(hub, "TERM");
  assertEquals(await serve.ended(), 0);
  assertEquals(await runningOf([hub, ...pids]), []);
});

frontsTest("SIGUSR2 has the hub save and hand over to a new one", async (home) => {
  const { serve, hub } = await startFronts(home);
  const alice = await serve.enter("alice");
  await alice.send("PRIVMSG #lobby :said before");
  await alice.barrier();
  alice.close();
  serve.child.kill("SIGUSR2");
  await serve.until(({ text }) => text === "the hub hands over: 1 message in the ring, safe on disk");
  await serve.until(({ text }) => text === "the hub has handed over; the next one is started");
  const after = await restarted(serve);
  assertEquals([after.hub !== hub, await haveEnded(hub)], [true, true]);
  assertEquals((await historyOf(serve, "reader")).includes("said before"), true);
  const { code, out } = await program(["admin", "--data-dir", `${home}/data`, "upgrade"], home);
  assertEquals([code, out], [0, "the hub is restarted; clients stay connected\n"]);
  const last = await restarted(serve);
  assertEquals(last.hub !== after.hub, true);
  const stopped = await program(["admin", "--data-dir", `${home}/data`, "stop"], home);
  assertEquals(stopped.code, 0, stopped.err);
  assertEquals(await serve.ended(), 0);
});

programTest("admin: upgrade is refused by a server without fronts: 77", {}, async (home) => {
  const serve = await Serve.start(home);
  const { code, err } = await program(["admin", "--data-dir", `${home}/data`, "upgrade"], home);
  assertEquals(code, 77);
  assertMatch(err, /without fronts/);
  assertEquals(await serve.end(), 0);
});

frontsTest(
  "a keeper that is killed: hub and fronts stop in order, and a new server can start",
  async (home) => {
    const { serve, hub, pids } = await startFronts(home);
    const alice = await serve.enter("alice");
    await alice.send("PRIVMSG #lobby :said before");
    await alice.barrier();
    await serve.kill();
    await alice.ended();
    assertMatch(alice.take().join("\n"), /ERROR :.*Server shutting down/);
    alice.close();
    await comesTrue("hub and fronts have ended", () => haveEnded(hub, ...pids));
    const again = await startFronts(home);
    assertEquals((await historyOf(again.serve, "reader")).includes("said before"), true);
    assertEquals(await again.serve.end(), 0);
  },
);

frontsTest("a keeper that is killed while there is no hub: the fronts end, too", async (home) => {
  const { serve, hub, pids } = await startFronts(home);
  await kill([serve.child.pid, hub]);
  await comesTrue("the fronts have ended", () => haveEnded(...pids));
  await serve.kill().catch(() => {});
});
