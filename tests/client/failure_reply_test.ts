import { assertEquals } from "@std/assert";
import { parseMessage } from "../../lib/irc/message.ts";
import { describeFailure, explainFailure, isFailureReply } from "../../lib/client/session/failure_reply.ts";
import { pureTest } from "../support/test.ts";

pureTest("failure: it says what it is about, in the server's words or in ours", () => {
  const expected: [string, string][] = [
    ["FAIL CHATHISTORY INVALID_TARGET LATEST #x :Not to be had", "no such room: #x (Not to be had)"],
    [":s FAIL PRIVMSG ID_IN_USE k0 m7 :Used before", "id k0 was used before for another message (m7)"],
    [":s 401 a bob :No such nick", "no user called bob is online"],
    [":s 401 a #x :No such nick/channel", "no such room: #x"],
    [":s 403 a #x :No such channel", "no such room: #x"],
    [":s FAIL CHATHISTORY INVALID_TARGET LATEST #x :Messages could not be retrieved", "no such room: #x"],
    [
      ":s 433 a bob :Nickname is already in use. If it is yours, log in",
      "the name bob is taken; if it is yours: /quit, then chatterbox join bob",
    ],
    [
      ":s 433 a bob :This name looks like bod, which is taken",
      "bob: This name looks like bod, which is taken",
    ],
    [
      ":s 491 alice :No O-lines for your host",
      "alice is not an operator of this server; its administrator can give the right (serve --oper NAME)",
    ],
    [":s 472 a x :is unknown mode char to me for #x", "there is no room setting x; /help mode lists them"],
    [":s 472 a s :is not available on #lobby", "s: is not available on #lobby"],
    [
      ":s 404 a #x :Cannot send to channel (+m): it is moderated",
      "#x is moderated: only operators, and people with voice, may speak",
    ],
    [
      ":s 404 a #x :Cannot send to channel (+m): ask bob for voice",
      "you may not speak in #x: Cannot send to channel (+m): ask bob for voice",
    ],
    [":s 404 a bob :Cannot send to nick", "bob: Cannot send to nick"],
    [":s 417 a :Input line was too long", "Input line was too long"],
    [":s 421 alice FOO :Unknown command", "this server does not know FOO"],
    [
      ":s 473 a #x :Cannot join channel (+i)",
      "#x is by invitation only: one of its operators can /invite you",
    ],
    [":s 474 a #x :Cannot join channel (+b)", "you are banned from #x"],
    [":s 474 a #x :Too much noise", "you are banned from #x (Too much noise)"],
    [":s 475 a #x :Cannot join channel (+k)", "#x needs a key: /join #x KEY"],
    [":s 471 a #x :Cannot join channel (+l)", "#x is full"],
    [":s 404 a #x :The room is moderated", "you may not speak in #x: The room is moderated"],
    [":s 482 a #x :You're not channel operator", "only operators of #x may do that"],
    [":s 481 a :Permission Denied", "only operators of this server may do that"],
    [":s 441 a bob #x :They aren't on that channel", "bob is not in #x"],
    [":s 442 a #x :You're not on that channel", "you are not in #x"],
    [":s 443 a bob #x :is already on channel", "bob is in #x already"],
    [":s 465 a :You are banned from this server: noise", "You are banned from this server: noise"],
    [":s 465 a :Come back tomorrow", "you are banned from this server: Come back tomorrow"],
  ];
  for (const [line, text] of expected) assertEquals(describeFailure(parseMessage(line)!), text, line);
});

pureTest("failure: behind a text that says what it is about, the server's words stand alone", () => {
  const explain = (line: string) => explainFailure(parseMessage(line)!);
  assertEquals(explain("FAIL REGISTER BAD_ACCOUNT_NAME alice :It is reserved"), "It is reserved");
  assertEquals(explain(":s 421 a REGISTER :Unknown command"), "this server does not know REGISTER");
});

pureTest("failure: what says no, and what does not", () => {
  const is = (line: string) => isFailureReply(parseMessage(line)!);
  for (const code of ["401", "599", "696", "723", "904", "907"]) {
    assertEquals(is(`:s ${code} a :x`), true, code);
  }
  for (const code of ["001", "324", "671", "730", "900", "903", "901"]) {
    assertEquals(is(`:s ${code} a :x`), false, code);
  }
  assertEquals(is("FAIL JOIN X :x"), true);
  assertEquals(is("NOTE JOIN X :x"), false);
});
