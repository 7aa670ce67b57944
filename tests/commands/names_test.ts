/** Which name a command acts under, and what it leaves of it. */
import { assertEquals, assertMatch } from "@std/assert";
import { command as join } from "../../commands/join.ts";
import { command as key } from "../../commands/key.ts";
import { command as list } from "../../commands/list.ts";
import { command as logs } from "../../commands/logs.ts";
import { command as register } from "../../commands/register.ts";
import { command as send } from "../../commands/send.ts";
import { FakeServer, OUR_CAPS } from "../client/fake_server.ts";
import type { Script } from "../client/fake_server.ts";
import { inPlace, placeTest } from "./machines.ts";

/** No name in the environment. */
const env = { USER: "" };

placeTest(
  "names: without a name nothing is made up: send, join, logs --with and key say how to give one",
  async ({ on, keys }) => {
    const nameless = [
      [send, "#lobby hi", "--from NAME"],
      [join, "--no-color", "NAME"],
      [logs, "--with bob", "--name NAME"],
      [key, "show", "NAME"],
    ] as const;
    for (const [command, line, how] of nameless) {
      const { code, err } = await on("a", command, line, { env, stdin: "hi\n" });
      assertEquals(code, 64, line);
      assertMatch(err, new RegExp(`this user has no login name: give ${how}, or set CHATTERBOX_NAME`));
    }
    assertEquals(await keys("a"), []);
  },
);

placeTest("names: list and logs need no name", async ({ on, keys }) => {
  assertEquals((await on("a", list, "--rooms", { env })).code, 0);
  assertEquals((await on("a", logs, "-n 1", { env })).code, 0);
  assertEquals(await keys("a"), []);
});

placeTest("names: the system is asked for the login name where the environment has none", async ({ on }) => {
  const sent = await on("a", send, "#lobby hi", { env, systemName: "carol" });
  assertEquals([sent.code, sent.err], [0, ""]);
  assertMatch((await on("a", logs, "-n 1")).out, / carol: hi\n$/);
});

placeTest(
  "names: a login name is used and not registered: the next container's root is not refused",
  async ({ on }) => {
    for (const machine of ["a", "b"]) {
      assertEquals(await on(machine, send, "#lobby hi", { env, systemName: "root" }), OK, machine);
      assertEquals(
        await on(machine, join, "--no-color", { env: { USER: "root" }, stdin: "hi\n" }).then(codeOf),
        0,
      );
    }
    assertEquals(
      await on("c", send, "#lobby hi --from root"),
      OK,
      "it is registered for the first that says it",
    );
    const late = await on("b", send, "#lobby hi", { env, systemName: "root" });
    assertEquals(late.code, 77);
    assertMatch(late.err, /root, your login name, is taken on .*\(--from NAME/);
    assertEquals(await on("c", send, "#lobby hi", { env, systemName: "root" }), OK, "its key is used");
  },
);

placeTest("names: a message said again under a login name is known by its id", async ({ on }) => {
  for (let nth = 0; nth < 2; nth++) {
    assertEquals(await on("a", send, "#lobby --id build-1 hi", { env: { USER: "root" } }), OK);
  }
  const { out } = await on("a", logs, "-n 5");
  assertEquals(out.match(/ root: hi$/gm)?.length, 1);
});

placeTest("names: processes that begin at once under a login name share it", async ({ on }) => {
  const sent = await Promise.all(
    [1, 2, 3, 4].map((nth) => on("a", send, `#lobby ${nth}`, { env: { USER: "root" } })),
  );
  assertEquals(sent, [OK, OK, OK, OK]);
});

placeTest(
  "names: of processes that begin at once under a new name one registers it, for all",
  async ({ on }) => {
    const sent = await Promise.all([1, 2, 3, 4].map((nth) => on("a", send, `#lobby --from ci ${nth}`)));
    assertEquals(sent, [OK, OK, OK, OK]);
    assertEquals((await on("b", send, "#lobby --from ci hi")).code, 77);
  },
);

placeTest(
  "names: a send that is refused leaves neither a claim nor a key; what was there stays",
  async ({ on, keys, url }) => {
    const refused = [["#lobbby hi --from ci", 67], ["nobody hi --from ci", 67], [
      "carol hi --online --from ci",
      67,
    ]] as const;
    await on("d", send, "#lobby --from carol hi");
    for (const [line, code] of refused) {
      assertEquals((await on("a", send, line)).code, code, line);
      assertEquals(await keys("a"), [], line);
    }
    assertEquals(await on("b", send, "#lobby --from ci hi"), OK, `free on ${url}`);
    const [kept] = await keys("b");
    assertEquals((await on("b", send, "#lobbby --from ci hi")).code, 67);
    assertEquals((await keys("b"))[0], kept);
    assertEquals(await on("b", send, "#lobby --from ci hi"), OK);
  },
);

placeTest(
  "names: of two processes with a new name one is refused: the other has the name",
  async ({ on, keys }) => {
    const both = await Promise.all([
      on("a", send, "#lobbby --from ci hi"),
      on("a", send, "#lobby --from ci hi"),
    ]);
    assertEquals(both.map(codeOf), [67, 0]);
    assertEquals(await on("a", send, "#lobby --from ci hi"), OK);
    assertEquals((await keys("a")).map((path) => path.split("/")[1]), ["ci", "ci+registered", "ci+salted"]);
    assertEquals((await on("b", send, "#lobby --from ci hi")).code, 77);
  },
);

placeTest(
  "names: a process that ended between the server's word and its own notes has not lost the name",
  async ({ on, home }) => {
    assertEquals(await on("a", send, "#lobby --from ci hi"), OK);
    for (const line of ["#lobby --from ci hi", "#lobby hi"]) {
      for await (const { name } of Deno.readDir(`${home}/a/chatterbox/keys`)) {
        await Deno.remove(`${home}/a/chatterbox/keys/${name}/ci+registered`);
      }
      assertEquals(await on("a", send, line, { env: { USER: "ci" } }), OK, line);
    }
    assertEquals((await on("b", send, "#lobby --from ci hi")).code, 77);
  },
);

placeTest("names: the second machine that says one name is told what to do", async ({ on, keys }) => {
  assertEquals(await on("a", send, "#lobby --from ci hi"), OK);
  const { code, err } = await on("b", send, "#lobby --from ci hi");
  assertEquals(code, 77);
  assertMatch(err, /chatterbox key export ci.*CHATTERBOX_KEY.*--key-file.*another name/);
  assertEquals(await keys("b"), []);
});

placeTest(
  "names: where only accounts are let in the name comes first, and stays; that is said",
  async ({ on }) => {
    const { code, err } = await on("a", send, "#lobbby --from ci hi");
    assertEquals(code, 67);
    assertMatch(err, /^chatterbox: ci is yours on .*; the key is in .*\/ci\n/);
    assertEquals(await on("a", send, "#lobby --from ci hi"), OK);
    assertEquals((await on("b", send, "#lobby hi", { env: { USER: "root" } })).code, 77);
  },
  { accounts: "required" },
);

placeTest("names: where there are no accounts the key that claims the name stays", async ({ on, keys }) => {
  assertEquals(await on("a", send, "#lobby --from ci hi"), OK);
  assertEquals((await keys("a")).map((path) => path.split("/")[1]), ["ci"]);
}, { accounts: "off" });

const OK = { code: 0, out: "", err: "" };

const codeOf = ({ code }: { code: number }) => code;

/** Servers that let nobody in, each in its way. */
const REFUSALS: readonly (readonly [what: string, code: number, flags: string, script: Script])[] = [
  ["no IRC", 76, "", (peer) => peer.send("SSH-2.0-OpenSSH_9.2")],
  ["no word", 75, "--timeout 100ms", (peer) => peer.gone()],
  ["the connection closed", 69, "", () => Promise.resolve()],
  ["a password", 77, "", (peer) => peer.send(":fake 464 * :Password incorrect")],
  ["a ban", 77, "", (peer) => peer.send(":fake 465 * :You are banned")],
];

for (const [what, code, flags, script] of REFUSALS) {
  Deno.test(`names: a server that answers with ${what} leaves no key`, async () => {
    await using server = new FakeServer(script);
    await server.run(inPlace(server.url, async ({ on, keys }) => {
      assertEquals((await on("a", send, `#lobby --from ci ${flags} hi`.replace("  ", " "))).code, code);
      assertEquals(await keys("a"), [], "send");
      if (flags !== "") return; // the others wait for 10 s
      assertEquals((await on("a", join, "ci", { stdin: "hi\n" })).code, code);
      assertEquals(await keys("a"), [], "join");
      assertEquals((await on("a", register, "ci")).code, code);
      assertEquals(await keys("a"), [], "register");
    }));
  });
}

Deno.test("names: a server that is not there, and an order that cannot be carried out, leave no key", async () => {
  await inPlace("irc://127.0.0.1:1", async ({ on, keys }) => {
    assertEquals((await on("a", send, "#lobby --from ci hi")).code, 69);
    assertEquals(
      (await on("a", send, "#lobby --from ci --outbox hi", { env: { XDG_STATE_HOME: "", HOME: "" } })).code,
      78,
    );
    assertEquals((await on("a", send, "#lobby --from ci --outbox hi")).code, 75);
    assertEquals(await keys("a"), []);
  });
});

Deno.test("names: an answer to REGISTER that never came leaves the key: the name may be ours", async () => {
  await using server = new FakeServer(async (peer, nth) => {
    await peer.until(/^CAP LS/);
    await peer.send(`:fake CAP * LS :${OUR_CAPS.join(" ")} draft/account-registration=before-connect`);
    const [, wanted] = await peer.until(/^CAP REQ :(.*)$/);
    await peer.send(`:fake CAP * ACK :${wanted}`);
    await peer.until(/^REGISTER/);
    assertEquals(nth, 0);
  });
  await server.run(inPlace(server.url, async ({ on, keys }) => {
    assertEquals((await on("a", register, "ci")).code, 69);
    assertEquals((await keys("a")).map((path) => path.split("/")[1]), ["ci"]);
  }));
});

placeTest("names: a server that gives no account leaves no key of register", async ({ on, keys }) => {
  assertEquals((await on("a", register, "ci")).code, 69);
  assertEquals(await keys("a"), []);
}, { accounts: "off" });

Deno.test("names: a login name that is taken: a key made just now is no reason to ask again", async () => {
  let count = 0;
  await using server = new FakeServer(async (peer) => {
    count++;
    await peer.until(/^CAP LS/);
    await peer.send(`:fake CAP * LS :${OUR_CAPS.join(" ")} sasl=SCRAM-SHA-256`);
    const [, wanted] = await peer.until(/^CAP REQ :(.*)$/);
    await peer.send(`:fake CAP * ACK :${wanted}`);
    await peer.until(/^CAP END/);
    await peer.send(":fake 433 * root :Nickname is registered");
  });
  await server.run(inPlace(server.url, async ({ on, keys }) => {
    const { code, err } = await on("a", send, "#lobby hi", { env: { USER: "root" } });
    assertEquals(code, 77);
    assertMatch(
      err,
      /^chatterbox: root, your login name, is taken on 127\.0\.0\.1:\d+; give another name/,
    );
    assertEquals(await keys("a"), []);
  }));
  assertEquals(count, 1);
});
