/** A front that presents numbers that cannot be: its sessions are restored or refused, and the hub goes on. */
import { assert } from "../../../lib/base/assert.ts";
import { Random } from "../../irc/property.ts";
import { pureTest } from "../../support/test.ts";
import { Cluster } from "./fronts.ts";

const NICKS = ["ann", "ben", "cat"];
const CAPS = ["batch", "labeled-response", "echo-message", "message-tags"];

pureTest("presented positions and line numbers may be anything", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = new Random(seed);
    const cluster = new Cluster(2);
    const people = NICKS.map((nick) => cluster.enter(nick, random.pick(cluster.fronts), CAPS));
    for (const client of people) cluster.say(client, "JOIN #tea");
    for (let nth = 0; nth < 8; nth++) cluster.say(random.pick(people), `PRIVMSG #tea :${nth}`);
    const { nextSeq } = cluster.log;
    const position = () => random.pick([0, 1, nextSeq - 3, nextSeq, nextSeq + 5, Number.MAX_SAFE_INTEGER]);
    for (const front of cluster.fronts) if (random.chance(2)) front.deliveredSeq = position();
    for (const client of people) {
      if (random.chance(2)) client.stateSeq = position();
      if (random.chance(2)) {
        client.answered = random.pick([client.sent + 7, 2 ** 32 - 9]);
        client.pending = [];
        client.sent = client.answered;
      }
      cluster.send(client, "PRIVMSG #tea :pending");
    }
    cluster.takeOver();
    for (const client of people) {
      if (client.session === undefined || client.session.closeReason !== undefined) continue;
      client.heard();
      cluster.say(client, "@label=x PING x");
      assert(client.heard().some((line) => line.includes("PONG")), `${client.nick} goes on (seed ${seed})`);
    }
  }
});
