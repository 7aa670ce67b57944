/** Observers miss nothing of a takeover either, and get nothing that they may not read. */
import { assertEquals, assertMatch } from "@std/assert";
import { account } from "../../support/hub_accounts.ts";
import type { TestHub } from "../../support/hub.ts";
import { Cluster } from "./fronts.ts";
import type { Client, Front } from "./fronts.ts";

const OBSERVER = ["chatterbox.chat/observer", "message-tags", "draft/message-redaction"];

/** ann, an operator, and ben in #tea, and an observer at another front that follows `targets`. */
function watched(targets: string): [Cluster, Client, Client, Client] {
  const cluster = new Cluster(2);
  const ann = enterAs("ann", cluster, cluster.fronts[0]!);
  const ben = cluster.enter("ben", cluster.fronts[0]!);
  cluster.say(ann, "JOIN #tea");
  cluster.say(ben, "JOIN #tea");
  const eye = cluster.enter("eye", cluster.fronts[1]!, OBSERVER);
  cluster.say(eye, `FOLLOW ${targets}`);
  eye.heard();
  return [cluster, ann, ben, eye];
}

/** A client that is logged in to the account called `name`. */
function enterAs(name: string, cluster: Cluster, front: Front, caps: readonly string[] = []): Client {
  const made = account({ hub: cluster.hub, now: cluster.now } as TestHub, name);
  return cluster.enter(name, front, caps, (session) => {
    cluster.hub.context.commit({ kind: "login", session, account: made });
  });
}

/** Lines without tags and sources. */
function bare(client: Client): string[] {
  return client.heard().map((line) => line.replace(/^(@\S+ )?(:\S+ )?/, ""));
}

/** The lines have their records, and no client is told before the hub is killed. */
function sayUnheard(cluster: Cluster, client: Client, ...lines: string[]): void {
  cluster.send(client, ...lines);
  cluster.work();
  cluster.kill("before effects");
}

for (const targets of ["#tea", "*"]) {
  Deno.test(`an observer of ${targets} is told once what its front has not received`, () => {
    const [cluster, ann, ben, eye] = watched(targets);
    cluster.send(ann, "PRIVMSG #tea :one", "TOPIC #tea :green", "NICK anna");
    cluster.work();
    cluster.kill("between fronts");
    assertEquals(bare(eye), ["PRIVMSG #tea :one", "TOPIC #tea :green", "NICK anna"]);
    cluster.send(ben, "PRIVMSG #tea :two", "PART #tea", "JOIN #tea");
    cluster.work();
    cluster.kill("after all");
    assertEquals(bare(eye), ["PRIVMSG #tea :two", "PART #tea", "JOIN #tea"]);
    sayUnheard(cluster, ben, "PRIVMSG #tea :three");
    cluster.say(ben, "PRIVMSG #tea :four");
    assertEquals(bare(eye), ["PRIVMSG #tea :three", "PRIVMSG #tea :four"]);
  });
}

Deno.test("an observer follows a room by its new name, whether it has heard of it or not", () => {
  const [cluster, ann, , eye] = watched("#tea,#milk");
  cluster.say(ann, "JOIN #milk");
  eye.heard();
  sayUnheard(cluster, ann, "PRIVMSG #tea :one", "RENAME #tea #cocoa", "PRIVMSG #cocoa :two");
  assertEquals(bare(eye), ["PRIVMSG #tea :one", "PRIVMSG #cocoa :two"]);
  cluster.say(ann, "RENAME #milk #cream");
  cluster.advance(1000);
  assertMatch(new TextDecoder().decode(eye.state), /"channels":\["#cocoa","#cream"\]/);
  sayUnheard(cluster, ann, "PRIVMSG #cream,#cocoa :three");
  assertEquals(bare(eye), ["PRIVMSG #cream :three", "PRIVMSG #cocoa :three"]);
});

Deno.test("an observer is not told of a room that was closed meanwhile, nor of one that it does not follow", () => {
  const [cluster, ann, ben, eye] = watched("#tea");
  cluster.say(ben, "JOIN #other");
  sayUnheard(cluster, ben, "PRIVMSG #other :one");
  sayUnheard(cluster, ann, "MODE #tea +i", "PRIVMSG #tea :two");
  assertEquals(bare(eye), []);
});

Deno.test("an observer of an account is told the direct messages that it follows", () => {
  const [cluster, ann, ben] = watched("#tea");
  const eye = enterAs("cat", cluster, cluster.fronts[1]!, OBSERVER);
  cluster.say(eye, "FOLLOW ben");
  eye.heard();
  sayUnheard(cluster, ben, "PRIVMSG cat :one", "PRIVMSG ann :two");
  sayUnheard(cluster, ann, "PRIVMSG cat :three");
  assertEquals(bare(eye), ["PRIVMSG cat :one"]);
});
