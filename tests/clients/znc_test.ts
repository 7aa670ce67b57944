/**
 * ZNC (Debian's package `znc`), a client that stays while the person's own clients come and go: told by such a client, over a port
 * of its own. It knows server-time, and neither batch nor draft/chathistory.
 */
import { assertEquals } from "@std/assert";
import { SocketClient } from "../support/socket_client.ts";
import { needs } from "../tools.ts";
import { BEFORE, Ear, freePort, inTime, Lobby, PASSWORD } from "./lobby.ts";

const ZNC_PASSWORD = "secret";

/** It begins off the network, so that it can be told a password first, and comes back without a pause. */
const config = (own: number, server: number) =>
  `Version = 1.8.2
ConnectDelay = 1
ServerThrottle = 1
<Listener l>
  Port = ${own}
  Host = 127.0.0.1
  IPv6 = false
  SSL = false
</Listener>
<User znc>
  Nick = znc
  Ident = znc
  RealName = znc
  AutoClearChanBuffer = false
  AutoClearQueryBuffer = false
  <Pass password>
    Method = Plain
    Hash = ${ZNC_PASSWORD}
  </Pass>
  <Network home>
    LoadModule = sasl
    IRCConnectEnabled = false
    Server = 127.0.0.1 ${server}
    FloodBurst = 100
    FloodRate = 100.00
    <Chan #lobby>
    </Chan>
  </Network>
</User>
`;

/** ZNC waits half a minute where root starts it, so another user does. */
const START = `if [ "$(id -u)" = 0 ]; then
  chown -R 65534:65534 "$1" && exec setpriv --reuid=65534 --regid=65534 --clear-groups \
    znc --foreground --no-color --datadir="$1"
else exec znc --foreground --no-color --datadir="$1"; fi`;

/** ZNC, and a client of its. */
class Bouncer {
  readonly #child: Deno.ChildProcess;

  private constructor(child: Deno.ChildProcess, readonly folder: string, readonly port: number) {
    this.#child = child;
  }

  static async start(server: number): Promise<Bouncer> {
    const [folder, port] = [await Deno.makeTempDir(), freePort()];
    await Deno.mkdir(`${folder}/configs`);
    await Deno.writeTextFile(`${folder}/configs/znc.conf`, config(port, server));
    const child = new Deno.Command("sh", {
      args: ["-c", START, "sh", folder],
      env: { HOME: folder },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    return new Bouncer(child, folder, port);
  }

  /** A client of a person; ZNC tells it what it has heard before. */
  async attach(): Promise<SocketClient> {
    const client = await inTime("ZNC listens", untilListening(this.port));
    for (const line of [`PASS znc/home:${ZNC_PASSWORD}`, "NICK person", "USER person 0 * :p"]) {
      await client.send(line);
    }
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
    await Deno.remove(this.folder, { recursive: true });
  }
}

async function untilListening(port: number): Promise<SocketClient> {
  for (;;) {
    try {
      return await SocketClient.connect({ kind: "tcp", host: "127.0.0.1", port });
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

Deno.test({
  name: "ZNC logs in, is told once what came while it was away, and hears nothing twice when it comes again",
  ...needs("znc", "sh"),
  async fn() {
    await using lobby = await Lobby.open();
    await lobby.register("znc");
    await lobby.tell("znc", "while you were away");
    await using znc = await Bouncer.start(lobby.port);
    const person = await znc.attach();
    const ear = new Ear(person);
    const hears = (what: RegExp) => ear.hears(what);

    await person.send(`PRIVMSG *sasl :Set znc ${PASSWORD}`);
    await person.send("PRIVMSG *sasl :Mechanism PLAIN");
    await person.send("PRIVMSG *status :Connect");
    await hears(/ 366 \S+ #lobby /);
    assertEquals(await lobby.isLoggedIn("znc"), true);
    await person.send("PRIVMSG HistServ :LIST");
    await hears(/:HistServ!\S+ NOTICE znc :bystander: 1 message unread$/);
    assertEquals(ear.times(/NOTICE znc :1 message for you while you were away, from bystander$/), 1);
    await person.send("PRIVMSG HistServ :bystander");
    await hears(/:HistServ!\S+ NOTICE znc :.* <bystander> while you were away$/);
    await hears(/NOTICE znc :End of the history of bystander$/);
    await lobby.say("while you were here");
    await hears(/PRIVMSG #lobby :while you were here$/);
    // It goes and comes again: what was said in between is counted, and nothing comes as if it was said now.
    await person.send("PRIVMSG *status :Disconnect");
    await lobby.seesOff("znc");
    await lobby.say("between");
    await person.send("PRIVMSG *status :Connect");
    await hears(/NOTICE znc :1 message in #lobby since you left$/);
    await person.send("PRIVMSG HistServ :#lobby 1");
    await hears(/:HistServ!\S+ NOTICE znc :#lobby .* <bystander> between$/);
    await lobby.say("at last");
    await hears(/PRIVMSG #lobby :at last$/);
    person.close();
    // A client that comes later is shown ZNC's own memory: each line of the channel once.
    const later = await znc.attach();
    const second = new Ear(later);
    await second.hears(/:(\[\S+\] )?at last$/);
    later.close();
    for (const { times } of [ear, second].map((each) => ({ times: (what: RegExp) => each.times(what) }))) {
      assertEquals(times(new RegExp(`PRIVMSG #lobby :.*(${BEFORE}|between)$`)), 0);
      assertEquals(times(/PRIVMSG #lobby :.*while you were here$/), 1);
    }
    assertEquals(ear.times(/for you while you were away/), 1);
  },
});
