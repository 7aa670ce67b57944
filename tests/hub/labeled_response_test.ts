import { assertEquals } from "@std/assert";
import { withTag, wrapLabeled } from "../../lib/hub/output/labeled_response.ts";

const answer = (...lines: string[]) => wrapLabeled("L", lines, "irc.test", "R");

Deno.test({
  name: "a tag goes in front of those that are there",
  permissions: "none",
  fn: () => {
    assertEquals(withTag(":a B", "x=1"), "@x=1 :a B");
    assertEquals(withTag("@y=2 :a B", "x=1"), "@x=1;y=2 :a B");
  },
});

Deno.test({
  name: "no line makes an ACK, one line bears the label, several make a batch",
  permissions: "none",
  fn: () => {
    assertEquals(answer(), ["@label=L :irc.test ACK"]);
    assertEquals(answer(":s 401 x"), ["@label=L :s 401 x"]);
    assertEquals(answer(":s 1", "@t=1 :s 2"), [
      "@label=L :irc.test BATCH +R labeled-response",
      "@batch=R :s 1",
      "@batch=R;t=1 :s 2",
      ":irc.test BATCH -R",
    ]);
  },
});

Deno.test({
  name: "a batch that is the whole answer bears the label itself; inside another answer it is nested",
  permissions: "none",
  fn: () => {
    const batch = [":s BATCH +q chathistory #a", "@batch=q :a!b@c PRIVMSG #a :x", ":s BATCH -q"];
    assertEquals(answer(...batch), [`@label=L ${batch[0]}`, ...batch.slice(1)]);
    assertEquals(answer(":a!b@c JOIN #a", ...batch), [
      "@label=L :irc.test BATCH +R labeled-response",
      "@batch=R :a!b@c JOIN #a",
      "@batch=R :s BATCH +q chathistory #a",
      "@batch=q :a!b@c PRIVMSG #a :x",
      "@batch=R :s BATCH -q",
      ":irc.test BATCH -R",
    ]);
  },
});

Deno.test({
  name: "text that looks like a batch is text",
  permissions: "none",
  fn: () => {
    const said = ":a!b@c PRIVMSG #a :x BATCH +q y BATCH -q";
    assertEquals(answer(said, said)[0], "@label=L :irc.test BATCH +R labeled-response");
  },
});
