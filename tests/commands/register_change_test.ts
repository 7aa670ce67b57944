/** `register NAME --change`, on a server that plays the server's part of it. */
import { assertEquals, assertMatch } from "@std/assert";
import { command as key } from "../../commands/key.ts";
import { command as register } from "../../commands/register.ts";
import { command as send } from "../../commands/send.ts";
import { MAX_NEXT_KEYS, NEXT_KEY_DOUBT_MS } from "../../lib/client/identity/next_key.ts";
import { encodeSaslChunks } from "../../lib/irc/sasl/sasl_chunks.ts";
import { deriveCredentials, ScramServer } from "../../lib/irc/sasl/scram_server.ts";
import { FakeServer } from "../client/fake_server.ts";
import type { Peer } from "../client/fake_server.ts";
import { inPlace } from "./machines.ts";
import type { Place } from "./machines.ts";
import type { Run } from "./program.ts";

const SALT = new Uint8Array(16).fill(7);

function pieces(text: string): string[] {
  return encodeSaslChunks(text).map((piece) => `AUTHENTICATE ${piece}`);
}

/** One account, alice, and how the server answers PASSWD. */
class Accounts {
  secret: string | undefined;
  #scram = new ScramServer("nonce");
  /** Where its connections come to: see `net/endpoint.ts`. */
  endpoint = "";
  /** The only mechanism. */
  mechanism: "SCRAM-SHA-256" | "PLAIN" = "SCRAM-SHA-256";
  /** Called before PASSWD is answered. */
  onPasswd: () => Promise<void> = () => Promise.resolve();
  /** Keys and passphrases that PASSWD has named. */
  readonly asked: string[] = [];
  passwd: "change" | "change and close" | "close" | "refuse" | "not now" | "unknown" = "change";

  /** Plays the server for one client. */
  async serve(peer: Peer): Promise<void> {
    for (
      let line = await peer.next();
      line !== undefined && !line.startsWith("QUIT");
      line = await peer.next()
    ) {
      const [, label, rest = line] = /^@label=(\S+) (.*)$/.exec(line) ?? [];
      const tag = label === undefined ? "" : `@label=${label} `;
      const [command, ...params] = rest.split(" ");
      const said = await this.#answer(command!, params, tag);
      if (said === undefined) return;
      await peer.send(...said);
    }
  }

  #answer(
    command: string,
    params: string[],
    tag: string,
  ): Promise<string[] | undefined> | string[] | undefined {
    switch (command) {
      case "CAP":
        if (params[0] === "LS") {
          const account = `sasl=${this.mechanism} draft/account-registration=before-connect`;
          return [
            `:fake CAP * LS :labeled-response batch echo-message message-tags chatterbox.chat/claim ${account}`,
          ];
        }
        return params[0] === "REQ"
          ? [`:fake CAP * ACK ${params.slice(1).join(" ")}`]
          : params[0] === "END"
          ? [":fake 001 x :Welcome"]
          : [];
      case "AUTHENTICATE":
        return this.#authenticate(params[0]!);
      case "REGISTER":
        if (this.secret !== undefined) {
          return [`${tag}:fake FAIL REGISTER ACCOUNT_EXISTS alice :This name belongs to somebody`];
        }
        this.secret = params[2];
        return [
          ":fake 900 * *!*@* alice :You are now logged in",
          `${tag}:fake REGISTER SUCCESS alice :Yours`,
        ];
      case "PASSWD":
        return this.#passwd(params.join(" ").replace(/^:/, ""), tag);
      case "PRIVMSG":
        return [`${tag}:alice!a@h PRIVMSG ${params.join(" ")}`];
      case "PING":
        return [`:fake PONG fake :${params[0]}`];
      default:
        return [];
    }
  }

  async #authenticate(text: string): Promise<string[]> {
    const failed = [":fake 904 * :SASL authentication failed"];
    if (text === "SCRAM-SHA-256") {
      this.#scram = new ScramServer("nonce", this.endpoint);
      return ["AUTHENTICATE +"];
    }
    if (text === "PLAIN") return ["AUTHENTICATE +"];
    if (text === "+") {
      return [":fake 900 * *!*@* alice :You are now logged in", ":fake 903 * :You are logged in"];
    }
    const response = new TextDecoder().decode(Uint8Array.fromBase64(text));
    if (this.mechanism === "PLAIN") return failed;
    const secret = this.secret ?? "none";
    if (/^[np]/.test(response)) {
      const first = this.#scram.readClientFirst(response);
      if (first.kind !== "ok") return failed;
      return pieces(this.#scram.makeServerFirst(await deriveCredentials(secret, SALT, 4096)));
    }
    const final = this.#scram.readClientFinal(response);
    return final.kind === "ok" ? pieces(final.serverFinal) : failed;
  }

  async #passwd(secret: string, tag: string): Promise<string[] | undefined> {
    this.asked.push(secret);
    await this.onPasswd();
    switch (this.passwd) {
      case "change":
        this.secret = secret;
        return [`${tag}:fake NOTE PASSWD PASSWORD_CHANGED alice :Changed`];
      case "change and close":
        this.secret = secret;
        return undefined;
      case "close":
        return undefined;
      case "refuse":
        return [`${tag}:fake FAIL PASSWD WEAK_PASSWORD alice :Too easy`];
      case "not now":
        return [`${tag}:fake FAIL PASSWD TEMPORARILY_UNAVAILABLE alice :Later`];
      case "unknown":
        return [`${tag}:fake 421 alice PASSWD :Unknown command`];
    }
  }
}

function changeTest(name: string, body: (place: Place, accounts: Accounts) => Promise<void>): void {
  Deno.test({
    name: `register --change: ${name}`,
    permissions: { net: true, read: true, write: true },
    async fn() {
      const accounts = new Accounts();
      await using server = new FakeServer((peer) => accounts.serve(peer));
      accounts.endpoint = `tcp:[127.0.0.1]:${server.url.split(":").at(-1)}`;
      await server.run(inPlace(server.url, (place) => body(place, accounts)));
    },
  });
}

/** Names of the files in the folder of keys, with any time as T; but for what SCRAM has made of a key, and locks. */
async function files({ keys }: Place): Promise<string[]> {
  return (await keys("a")).map((path) =>
    path.split("/")[1]!.replace(/before-\d{10,}/, "before-T").replace(/next-[0-9a-f-]{36}/, "next-ID")
  ).filter((name) => !/\+(?:salted|lock)$/.test(name));
}

/** The path of alice's key. */
async function keyPath({ home, keys }: Place): Promise<string> {
  return `${home}/a/chatterbox/keys/${(await keys("a"))[0]!.split("/")[0]}/alice`;
}

const SENT = { code: 0, out: "", err: "" };

changeTest(
  "another key takes the place of the one of before, which is kept beside it",
  async (place, accounts) => {
    const { on } = place;
    await on("a", register, "alice");
    const before = accounts.secret;
    const { code, out, err } = await on("a", register, "alice --change");
    assertEquals([code, err], [0, ""]);
    assertMatch(
      out,
      /^alice has a new key on .*; it is in .*\/alice\nthe previous key no longer works; it is kept in .*\/alice\+before-\d+\n$/,
    );
    assertEquals(accounts.secret === before, false);
    assertEquals((await on("a", key, "export alice")).out, `${accounts.secret}\n`);
    assertEquals(await files(place), ["alice", "alice+before-T", "alice+registered"]);
    assertEquals(await on("a", send, "#lobby --from alice hi"), SENT);
  },
);

changeTest("a passphrase in place of a key, another one, and a key again", async (place, accounts) => {
  const { on, file } = place;
  await on("a", register, "alice");
  const [first, second] = [await file("correct horse\n"), await file("battery staple\n")];
  const changed = await on("a", register, `alice --change --passphrase-file ${first}`);
  assertEquals([changed.code, accounts.secret], [0, "correct horse"]);
  assertMatch(changed.out, /^alice has a new passphrase on .*\nthe previous key no longer works/);
  assertEquals(await files(place), ["alice+before-T"]);
  assertEquals(
    (await on("a", register, `alice --change --passphrase-file ${second}`)).code,
    77,
    "who is it?",
  );
  const again = `alice --change --old-passphrase-file ${first} --passphrase-file ${second}`;
  assertEquals([(await on("a", register, again)).code, accounts.secret], [0, "battery staple"]);
  assertEquals((await on("a", register, again)).code, 77, "the passphrase is another one now");
  assertEquals((await on("a", register, `alice --change --old-passphrase-file ${second}`)).code, 0);
  assertEquals((await on("a", key, "export alice")).out, `${accounts.secret}\n`);
});

changeTest("what the server refuses leaves all as it was", async (place, accounts) => {
  const { on } = place;
  await on("a", register, "alice");
  const { secret } = accounts;
  for (
    const [passwd, code, words] of [["refuse", 77, /Too easy/], ["not now", 75, /Later/], [
      "unknown",
      69,
      /NickServ/,
    ]] as const
  ) {
    accounts.passwd = passwd;
    const ran = await on("a", register, "alice --change");
    assertEquals(ran.code, code);
    assertMatch(ran.err, words);
    assertEquals(await files(place), ["alice", "alice+registered"]);
  }
  assertEquals(accounts.secret, secret);
  assertEquals(await on("a", send, "#lobby --from alice hi"), SENT);
});

for (const passwd of ["close", "change and close"] as const) {
  changeTest(
    `an answer that never came (${passwd}): the name is lost in neither case`,
    async (place, accounts) => {
      const { on } = place;
      await on("a", register, "alice");
      accounts.passwd = passwd;
      const { code, err } = await on("a", register, "alice --change");
      assertEquals(code, 75);
      assertMatch(err, /did not answer; it is unknown/);
      assertEquals(await files(place), ["alice", "alice+next-ID", "alice+registered"]);
      accounts.passwd = "change";
      assertEquals((await on("a", register, "alice --change")).code, 0, "again");
      assertEquals((await on("a", key, "export alice")).out, `${accounts.secret}\n`);
      assertEquals(
        (await files(place)).includes("alice+next-ID"),
        passwd === "close",
        "the server may yet take it",
      );
      assertEquals(await on("a", send, "#lobby --from alice hi"), SENT);
    },
  );
}

for (const what of ["key", "passphrase"] as const) {
  changeTest(
    `while a change is under way another one (${what}) is told so, and the key of the first is kept`,
    async (place, accounts) => {
      const { on, file } = place;
      await on("a", register, "alice");
      const words = what === "key" ? "" : ` --passphrase-file ${await file("correct horse")}`;
      const others: Run[] = [];
      accounts.onPasswd = async () => {
        others.push(await on("a", register, `alice --change${words}`));
      };
      assertEquals((await on("a", register, "alice --change")).code, 0);
      assertEquals(others.map(({ code, out }) => [code, out]), [[75, ""]]);
      assertMatch(others[0]!.err, /is not changed: another process is changing it; try again/);
      assertEquals(accounts.asked, [accounts.secret]);
      assertEquals(await files(place), ["alice", "alice+before-T", "alice+registered"]);
      assertEquals((await on("a", key, "export alice")).out, `${accounts.secret}\n`);
      assertEquals(await on("a", send, "#lobby --from alice hi"), SENT);
    },
  );
}

for (const second of ["change", "refuse"] as const) {
  changeTest(
    `a key that the server takes after a later change (${second}) is found again`,
    async (place, accounts) => {
      const { on } = place;
      await on("a", register, "alice");
      accounts.passwd = "close";
      assertEquals((await on("a", register, "alice --change")).code, 75);
      accounts.passwd = second;
      assertEquals((await on("a", register, "alice --change")).code, second === "change" ? 0 : 77);
      accounts.secret = accounts.asked[0];
      assertEquals(await on("a", send, "#lobby --from alice hi"), SENT);
      assertEquals((await on("a", key, "export alice")).out, `${accounts.asked[0]}\n`);
    },
  );
}

changeTest("changes that are not answered: so many, until they are older", async (place, accounts) => {
  const { on } = place;
  await on("a", register, "alice");
  accounts.passwd = "close";
  for (let nth = 0; nth < MAX_NEXT_KEYS; nth++) {
    assertMatch((await on("a", register, "alice --change")).err, /did not answer/);
  }
  const { code, err } = await on("a", register, "alice --change");
  assertEquals([code, accounts.asked.length], [75, MAX_NEXT_KEYS]);
  assertMatch(err, /3 earlier changes were not answered; try again in 10 minutes/);
  const folder = (await keyPath(place)).slice(0, -"/alice".length);
  const longAgo = (Date.now() - NEXT_KEY_DOUBT_MS) / 1000 - 60;
  for await (const { name } of Deno.readDir(folder)) {
    if (name.includes("+next")) await Deno.utime(`${folder}/${name}`, longAgo, longAgo);
  }
  accounts.passwd = "change";
  assertEquals((await on("a", register, "alice --change")).code, 0);
  assertEquals(await files(place), [
    "alice",
    ...Array.from({ length: MAX_NEXT_KEYS + 1 }, () => "alice+before-T"),
    "alice+registered",
  ]);
});

/** The files of alice at each step of a change, and whether the server has the new key by then. */
const CUT_OFF: Readonly<Record<string, { readonly isTaken: boolean; readonly names: readonly string[] }>> = {
  "before the server heard it": { isTaken: false, names: ["alice", "alice+registered", "alice+next-1"] },
  "before its answer": { isTaken: true, names: ["alice", "alice+registered", "alice+next-1"] },
  "with a copy of the key of before": {
    isTaken: true,
    names: ["alice", "alice+registered", "alice+next-1", "alice+before-1"],
  },
  "by an earlier version, without a key in its place": {
    isTaken: true,
    names: ["alice+next", "alice+before-1"],
  },
};

for (const [step, { isTaken, names }] of Object.entries(CUT_OFF)) {
  for (const then of ["send", "change", "look"] as const) {
    changeTest(
      `a process that was cut off, ${step}, then ${then}: the name is there`,
      async (place, accounts) => {
        const { on } = place;
        await on("a", register, "alice");
        const next = "n".repeat(43);
        const content = (name: string) =>
          name === "alice+registered"
            ? "ours asked\n"
            : `${name.includes("+next") ? next : accounts.secret}\n`;
        const path = await keyPath(place);
        const folder = path.slice(0, -"/alice".length);
        await Deno.remove(folder, { recursive: true });
        await Deno.mkdir(folder, { mode: 0o700 });
        for (const name of names) {
          await Deno.writeTextFile(`${folder}/${name}`, content(name), { mode: 0o600 });
        }
        if (isTaken) accounts.secret = next;
        if (then === "change") assertEquals((await on("a", register, "alice --change")).code, 0);
        if (then === "look" && !names.includes("alice")) {
          assertEquals((await on("a", key, "export alice")).out, `${next}\n`);
          assertMatch((await on("a", key, "list")).out, /^localhost:\d+ {2}alice {2}SHA256:\S{43}\n$/);
        }
        assertEquals(await on("a", send, "#lobby --from alice hi"), SENT);
        assertEquals((await on("a", key, "export alice")).out, `${accounts.secret}\n`);
        assertEquals((await on("a", key, "forget alice --yes")).code, 0);
        assertEquals((await on("a", key, "export alice")).code, 67, "not one of them is left in use");
      },
    );
  }
}

for (const mechanism of ["SCRAM-SHA-256", "PLAIN"] as const) {
  Deno.test(`register --change: keys of other addresses are not shown (${mechanism})`, async () => {
    const accounts = new Accounts();
    const heard: string[] = [];
    await using server = new FakeServer(async (peer) => {
      await accounts.serve(peer);
      heard.push(...peer.heard);
    });
    await server.run(inPlace(server.url, async (place) => {
      await place.on("a", register, "alice");
      const elsewhere = `${place.home}/a/chatterbox/keys/localhost_1`;
      await Deno.mkdir(elsewhere, { mode: 0o700 });
      await Deno.writeTextFile(`${elsewhere}/alice`, `${"e".repeat(43)}\n`, { mode: 0o600 });
      await Deno.writeTextFile(`${elsewhere}/alice+registered`, "ours asked\n", { mode: 0o600 });
      accounts.secret = "e".repeat(43);
      accounts.mechanism = mechanism;
      const { code, err } = await place.on("a", register, "alice --change");
      assertEquals(code, 77);
      assertMatch(err, /wrong key or passphrase for alice/);
    }));
    assertEquals(heard.filter((line) => line === `AUTHENTICATE ${mechanism}`).length, 1, "by its own key");
    const shown = heard.map((line) => /^AUTHENTICATE (\S{8,})$/.exec(line)?.[1] ?? "").filter((text) =>
      text !== "SCRAM-SHA-256"
    ).map((text) => new TextDecoder().decode(Uint8Array.fromBase64(text)));
    assertEquals(shown.filter((text) => text.includes("e".repeat(43))), []);
  });
}

changeTest(
  "the name has to be one's own, and the secret of a form that will do",
  async ({ on, file }, accounts) => {
    accounts.secret = "correct horse";
    assertMatch(
      (await on("a", register, "alice --change")).err,
      /there is no key of alice .*--old-passphrase-file/,
    );
    assertEquals(
      (await on("a", register, "alice --change", { env: { CHATTERBOX_KEY: "k".repeat(43) } })).code,
      77,
    );
    const path = await file("correct horse");
    const lines = await on(
      "a",
      register,
      `alice --change --old-passphrase-file ${path} --passphrase-file ${await file("two\nlines")}`,
    );
    assertEquals(lines.code, 78);
    assertEquals((await on("a", register, `alice --change --passphrase --passphrase-file ${path}`)).code, 64);
    assertEquals((await on("a", register, `alice --old-passphrase-file ${path}`)).code, 64);
    assertEquals(accounts.secret, "correct horse");
  },
);

changeTest("without a folder for it no new key is made", async ({ on, file }, accounts) => {
  accounts.secret = "correct horse";
  const env = { HOME: "", XDG_CONFIG_HOME: "", XDG_STATE_HOME: "" };
  const line = `alice --change --old-passphrase-file ${await file("correct horse")}`;
  assertEquals((await on("a", register, line, { env })).code, 78);
  assertEquals(accounts.secret, "correct horse");
});

Deno.test("register --change: a new key is not said where others can listen", async () => {
  const accounts = new Accounts();
  accounts.secret = "correct horse";
  const heard: string[] = [];
  await using server = new FakeServer(async (peer) => {
    await accounts.serve(peer);
    heard.push(...peer.heard);
  });
  // This machine by an address that is not known for it.
  await server.run(inPlace(server.url.replace("127.0.0.1", "0.0.0.0"), async ({ on, file }) => {
    const line = `alice --change --old-passphrase-file ${await file("correct horse")}`;
    const { code, err } = await on("a", register, line);
    assertEquals(code, 77);
    assertMatch(err, /the connection to .* is not encrypted/);
  }));
  assertEquals(heard.includes("AUTHENTICATE SCRAM-SHA-256"), true);
  assertEquals(heard.filter((line) => line.includes("PASSWD")), []);
});
