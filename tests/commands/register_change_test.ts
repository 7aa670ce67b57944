/** `register NAME --change`, on a server that plays the server's part of it. */
import { assertEquals, assertMatch } from "@std/assert";
import { command as key } from "../../commands/key.ts";
import { command as register } from "../../commands/register.ts";
import { command as send } from "../../commands/send.ts";
import { saslPieces } from "../../lib/irc/sasl.ts";
import { deriveCredentials, ScramServer } from "../../lib/irc/scram.ts";
import { FakeServer } from "../client/fake_server.ts";
import type { Peer } from "../client/fake_server.ts";
import { inPlace } from "./machines.ts";
import type { Place } from "./machines.ts";

const SALT = new Uint8Array(16).fill(7);

function pieces(text: string): string[] {
  return saslPieces(text).map((piece) => `AUTHENTICATE ${piece}`);
}

/** One account, alice, and how the server answers PASSWD. */
class Accounts {
  secret: string | undefined;
  #scram = new ScramServer("nonce", undefined);
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

  #answer(command: string, params: string[], tag: string): Promise<string[]> | string[] | undefined {
    switch (command) {
      case "CAP":
        if (params[0] === "LS") {
          const account = "sasl=SCRAM-SHA-256 draft/account-registration=before-connect";
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
      this.#scram = new ScramServer("nonce", undefined);
      return ["AUTHENTICATE +"];
    }
    if (text === "+") {
      return [":fake 900 * *!*@* alice :You are now logged in", ":fake 903 * :You are logged in"];
    }
    const response = new TextDecoder().decode(Uint8Array.fromBase64(text));
    const secret = this.secret ?? "none";
    if (/^[np]/.test(response)) {
      const first = this.#scram.first(response);
      if (first.kind !== "ok") return failed;
      return pieces(this.#scram.challenge(await deriveCredentials(secret, SALT, 4096)));
    }
    const final = this.#scram.final(response);
    return final.kind === "ok" ? pieces(final.serverFinal) : failed;
  }

  #passwd(secret: string, tag: string): string[] | undefined {
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

function test(name: string, body: (place: Place, accounts: Accounts) => Promise<void>): void {
  Deno.test({
    name: `register --change: ${name}`,
    permissions: { net: true, read: true, write: true },
    async fn() {
      const accounts = new Accounts();
      await using server = new FakeServer((peer) => accounts.serve(peer));
      await server.run(inPlace(server.url, (place) => body(place, accounts)));
    },
  });
}

/** Names of the files in the folder of keys, with any time as T; but for what SCRAM has made of a key. */
async function files({ keys }: Place): Promise<string[]> {
  return (await keys("a")).map((path) => path.split("/")[1]!.replace(/\d{10,}/, "T")).filter((name) =>
    !name.endsWith("+salted")
  );
}

const SENT = { code: 0, out: "", err: "" };

test("another key takes the place of the one of before, which is kept beside it", async (place, accounts) => {
  const { on } = place;
  await on("a", register, "alice");
  const before = accounts.secret;
  const { code, out, err } = await on("a", register, "alice --change");
  assertEquals([code, err], [0, ""]);
  assertMatch(
    out,
    /^alice has another key on .*; it is in .*\/alice\nthe key of before is of no more use; it is kept in .*\/alice\+before-\d+\n$/,
  );
  assertEquals(accounts.secret === before, false);
  assertEquals((await on("a", key, "export alice")).out, `${accounts.secret}\n`);
  assertEquals(await files(place), ["alice", "alice+before-T", "alice+registered"]);
  assertEquals(await on("a", send, "#lobby --from alice hi"), SENT);
});

test("a passphrase in place of a key, another one, and a key again", async (place, accounts) => {
  const { on, file } = place;
  await on("a", register, "alice");
  const [first, second] = [await file("correct horse\n"), await file("battery staple\n")];
  const changed = await on("a", register, `alice --change --passphrase-file ${first}`);
  assertEquals([changed.code, accounts.secret], [0, "correct horse"]);
  assertMatch(changed.out, /^alice has another passphrase on .*\nthe key of before is of no more use/);
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

test("what the server refuses leaves all as it was", async (place, accounts) => {
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
  test(`an answer that never came (${passwd}): the name is lost in neither case`, async (place, accounts) => {
    const { on } = place;
    await on("a", register, "alice");
    accounts.passwd = passwd;
    const { code, err } = await on("a", register, "alice --change");
    assertEquals(code, 75);
    assertMatch(err, /did not say whether/);
    assertEquals(await files(place), ["alice", "alice+next", "alice+registered"]);
    accounts.passwd = "change";
    assertEquals((await on("a", register, "alice --change")).code, 0, "again");
    assertEquals((await on("a", key, "export alice")).out, `${accounts.secret}\n`);
    assertEquals((await files(place)).includes("alice+next"), false);
    assertEquals(await on("a", send, "#lobby --from alice hi"), SENT);
  });
}

test(
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

test("without a folder for it no new key is made", async ({ on, file }, accounts) => {
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
    assertMatch(err, /the new key would go to .* as it is/);
  }));
  assertEquals(heard.includes("AUTHENTICATE SCRAM-SHA-256"), true);
  assertEquals(heard.filter((line) => line.includes("PASSWD")), []);
});
