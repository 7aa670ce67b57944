import { assertEquals } from "@std/assert";
import { ReconnectingLink } from "../../lib/client/connection/reconnecting_link.ts";
import type { LinkState } from "../../lib/client/connection/reconnecting_link.ts";
import { fakeServerTest, OUR_CAPS } from "./fake_server.ts";
import type { FakeServer } from "./fake_server.ts";

/** A steady link whose pauses take no time, and the states it goes through. */
function steadyTo(server: FakeServer, enough: (states: string[]) => boolean) {
  const states: string[] = [];
  const reached = Promise.withResolvers<void>();
  let chance = 0;
  const pauses: number[] = [];
  const announced: number[] = [];
  const steady = new ReconnectingLink({
    address: server.address,
    registration: () => ({ nick: "alice" }),
    signal: new AbortController().signal,
    onEvent: () => {},
    onState: (state) => {
      states.push(words(state));
      if (state.kind === "down" || state.kind === "failed") announced.push(state.retryMs);
      if (enough(states)) reached.resolve();
    },
    sleep: (ms) => {
      pauses.push(ms);
      return Promise.resolve();
    },
    random: () => (chance = (chance + 0.3) % 1),
  });
  return { steady, states, pauses, announced, reached: reached.promise };
}

function words(state: LinkState): string {
  switch (state.kind) {
    case "up":
      return state.again ? "up again" : "up";
    case "down":
      return `down: ${state.text}`;
    case "trying":
      return "trying";
    default:
      return `${state.kind}: ${state.failure.kind}`;
  }
}

fakeServerTest(
  "a lost connection comes back, after pauses that grow with each failure",
  async (peer, nth) => {
    if (nth === 1 || nth === 2) return; // hangs up
    if (nth === 3) {
      await peer.until(/^USER/);
      return await peer.send(":fake 433 * alice :our own ghost");
    }
    await peer.welcome(OUR_CAPS);
    if (nth === 0) return await peer.send("ERROR :restart");
    await peer.gone();
  },
  async (server) => {
    const { steady, states, pauses, announced, reached } = steadyTo(
      server,
      (seen) => seen.includes("up again"),
    );
    assertEquals((await steady.start()).kind, "connected");
    await reached;
    assertEquals(states, [
      "up",
      "down: restart",
      "trying",
      "failed: unreachable",
      "trying",
      "failed: unreachable",
      "trying",
      "failed: refused",
      "trying",
      "up again",
    ]);
    const full = [500, 1000, 2000, 4000];
    assertEquals(pauses.map((ms, nth) => ms > full[nth]! / 2 && ms < full[nth]!), [true, true, true, true]);
    assertEquals(announced, pauses);
    assertEquals(steady.link?.nick, "alice");
    await steady.close();
    assertEquals(steady.link, undefined);
  },
);

fakeServerTest("what is refused for good is not tried again", async (peer, nth) => {
  if (nth > 0) {
    await peer.until(/^USER/);
    return await peer.send(":fake 465 * :You are banned");
  }
  await peer.welcome(OUR_CAPS);
}, async (server) => {
  const { steady, states, reached } = steadyTo(
    server,
    (seen) => seen.some((state) => state.startsWith("over")),
  );
  await steady.start();
  await reached;
  assertEquals(states, ["up", "down: the server closed the connection", "trying", "over: refused"]);
  assertEquals(await steady.request({ command: "WHO" }), { kind: "lost", text: "not connected" });
  await steady.close();
});

fakeServerTest("the first failure is the caller's", async (peer) => {
  await peer.until(/^USER/);
  await peer.send(":fake 433 * alice :Taken");
}, async (server) => {
  const { steady, states } = steadyTo(server, () => false);
  assertEquals(await steady.start(), { kind: "refused", reason: "name_taken", text: "Taken" });
  assertEquals(states, []);
  await steady.close();
});

fakeServerTest("who closes is not brought back", async (peer) => {
  await peer.welcome(OUR_CAPS);
  await peer.until(/^QUIT :?Leaving/);
}, async (server) => {
  const { steady, states } = steadyTo(server, () => false);
  await steady.start();
  await steady.close();
  assertEquals(states, ["up"]);
});

fakeServerTest("who is logged out unasked does not come back", async (peer) => {
  await peer.welcome(OUR_CAPS);
  await peer.send(
    ":fake 901 alice alice!a@h :You are now logged out",
    "ERROR :Closing Link: the account was ended",
  );
}, async (server) => {
  const { steady, states, reached } = steadyTo(
    server,
    (states) => states.some((state) => /^over/.test(state)),
  );
  await steady.start();
  await reached;
  assertEquals(states, ["up", "over: refused"]);
  await steady.close();
});
