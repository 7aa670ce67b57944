/**
 * The cases that ircdocs publishes for parsers (https://github.com/ircdocs/parser-tests, CC0; with cases by grawity,
 * Mozilla and SadieCat): all of msg-split, msg-join, userhost-split and mask-match, in their order.
 */

export interface Atoms {
  tags?: Record<string, string>;
  source?: string;
  verb: string;
  params?: string[];
}

/** A line, and the parts that it has. */
export const MSG_SPLIT: readonly (readonly [line: string, atoms: Atoms])[] = [
  ["foo bar baz asdf", { verb: "foo", params: ["bar", "baz", "asdf"] }],
  [":coolguy foo bar baz asdf", { source: "coolguy", verb: "foo", params: ["bar", "baz", "asdf"] }],
  ["foo bar baz :asdf quux", { verb: "foo", params: ["bar", "baz", "asdf quux"] }],
  ["foo bar baz :", { verb: "foo", params: ["bar", "baz", ""] }],
  ["foo bar baz ::asdf", { verb: "foo", params: ["bar", "baz", ":asdf"] }],
  [":coolguy foo bar baz :asdf quux", {
    source: "coolguy",
    verb: "foo",
    params: ["bar", "baz", "asdf quux"],
  }],
  [":coolguy foo bar baz :  asdf quux ", {
    source: "coolguy",
    verb: "foo",
    params: ["bar", "baz", "  asdf quux "],
  }],
  [":coolguy PRIVMSG bar :lol :) ", { source: "coolguy", verb: "PRIVMSG", params: ["bar", "lol :) "] }],
  [":coolguy foo bar baz :", { source: "coolguy", verb: "foo", params: ["bar", "baz", ""] }],
  [":coolguy foo bar baz :  ", { source: "coolguy", verb: "foo", params: ["bar", "baz", "  "] }],
  ["@a=b;c=32;k;rt=ql7 foo", { tags: { a: "b", c: "32", k: "", rt: "ql7" }, verb: "foo" }],
  [
    "@a=b\\\\and\\nk;c=72\\s45;d=gh\\:764 foo",
    { tags: { a: "b\\and\nk", c: "72 45", d: "gh;764" }, verb: "foo" },
  ],
  ["@c;h=;a=b :quux ab cd", { tags: { c: "", h: "", a: "b" }, source: "quux", verb: "ab", params: ["cd"] }],
  [":src JOIN #chan", { source: "src", verb: "JOIN", params: ["#chan"] }],
  [":src JOIN :#chan", { source: "src", verb: "JOIN", params: ["#chan"] }],
  [":src AWAY", { source: "src", verb: "AWAY" }],
  [":src AWAY ", { source: "src", verb: "AWAY" }],
  [":cool\tguy foo bar baz", { source: "cool\tguy", verb: "foo", params: ["bar", "baz"] }],
  [
    ":coolguy!ag@net\x035w\x03ork.admin PRIVMSG foo :bar baz",
    { source: "coolguy!ag@net\x035w\x03ork.admin", verb: "PRIVMSG", params: ["foo", "bar baz"] },
  ],
  [
    ":coolguy!~ag@n\x02et\x0305w\x0fork.admin PRIVMSG foo :bar baz",
    { source: "coolguy!~ag@n\x02et\x0305w\x0fork.admin", verb: "PRIVMSG", params: ["foo", "bar baz"] },
  ],
  [
    "@tag1=value1;tag2;vendor1/tag3=value2;vendor2/tag4= :irc.example.com COMMAND param1 param2 :param3 param3",
    {
      tags: { tag1: "value1", tag2: "", "vendor1/tag3": "value2", "vendor2/tag4": "" },
      source: "irc.example.com",
      verb: "COMMAND",
      params: ["param1", "param2", "param3 param3"],
    },
  ],
  [
    ":irc.example.com COMMAND param1 param2 :param3 param3",
    { source: "irc.example.com", verb: "COMMAND", params: ["param1", "param2", "param3 param3"] },
  ],
  [
    "@tag1=value1;tag2;vendor1/tag3=value2;vendor2/tag4 COMMAND param1 param2 :param3 param3",
    {
      tags: { tag1: "value1", tag2: "", "vendor1/tag3": "value2", "vendor2/tag4": "" },
      verb: "COMMAND",
      params: ["param1", "param2", "param3 param3"],
    },
  ],
  ["COMMAND", { verb: "COMMAND" }],
  ["@foo=\\\\\\\\\\:\\\\s\\s\\r\\n COMMAND", { tags: { foo: "\\\\;\\s \r\n" }, verb: "COMMAND" }],
  [
    ":gravel.mozilla.org 432  #momo :Erroneous Nickname: Illegal characters",
    {
      source: "gravel.mozilla.org",
      verb: "432",
      params: ["#momo", "Erroneous Nickname: Illegal characters"],
    },
  ],
  [":gravel.mozilla.org MODE #tckk +n ", {
    source: "gravel.mozilla.org",
    verb: "MODE",
    params: ["#tckk", "+n"],
  }],
  [
    ":services.esper.net MODE #foo-bar +o foobar  ",
    { source: "services.esper.net", verb: "MODE", params: ["#foo-bar", "+o", "foobar"] },
  ],
  ["@tag1=value\\\\ntest COMMAND", { tags: { tag1: "value\\ntest" }, verb: "COMMAND" }],
  ["@tag1=value\\1 COMMAND", { tags: { tag1: "value1" }, verb: "COMMAND" }],
  ["@tag1=value1\\ COMMAND", { tags: { tag1: "value1" }, verb: "COMMAND" }],
  ["@tag1=1;tag2=3;tag3=4;tag1=5 COMMAND", { tags: { tag1: "5", tag2: "3", tag3: "4" }, verb: "COMMAND" }],
  [
    "@tag1=1;tag2=3;tag3=4;tag1=5;vendor/tag2=8 COMMAND",
    { tags: { tag1: "5", tag2: "3", tag3: "4", "vendor/tag2": "8" }, verb: "COMMAND" },
  ],
  [":SomeOp MODE #channel :+i", { source: "SomeOp", verb: "MODE", params: ["#channel", "+i"] }],
  [
    ":SomeOp MODE #channel +oo SomeUser :AnotherUser",
    { source: "SomeOp", verb: "MODE", params: ["#channel", "+oo", "SomeUser", "AnotherUser"] },
  ],
];

/** Parts, and the lines of which any one is right. */
export const MSG_JOIN: readonly (readonly [what: string, atoms: Atoms, matches: string[]])[] = [
  [
    "verb and params",
    { verb: "foo", params: ["bar", "baz", "asdf"] },
    ["foo bar baz asdf", "foo bar baz :asdf"],
  ],
  ["source and no params", { source: "src", verb: "AWAY" }, [":src AWAY"]],
  ["source and empty trailing param", { source: "src", verb: "AWAY", params: [""] }, [":src AWAY :"]],
  [
    "source",
    { source: "coolguy", verb: "foo", params: ["bar", "baz", "asdf"] },
    [":coolguy foo bar baz asdf", ":coolguy foo bar baz :asdf"],
  ],
  ["trailing param", { verb: "foo", params: ["bar", "baz", "asdf quux"] }, ["foo bar baz :asdf quux"]],
  ["empty trailing param", { verb: "foo", params: ["bar", "baz", ""] }, ["foo bar baz :"]],
  ["trailing param containing colon", { verb: "foo", params: ["bar", "baz", ":asdf"] }, [
    "foo bar baz ::asdf",
  ]],
  [
    "source and trailing param",
    { source: "coolguy", verb: "foo", params: ["bar", "baz", "asdf quux"] },
    [":coolguy foo bar baz :asdf quux"],
  ],
  [
    "trailing containing beginning+end whitespace",
    { source: "coolguy", verb: "foo", params: ["bar", "baz", "  asdf quux "] },
    [":coolguy foo bar baz :  asdf quux "],
  ],
  [
    "trailing containing what looks like another trailing param",
    { source: "coolguy", verb: "PRIVMSG", params: ["bar", "lol :) "] },
    [":coolguy PRIVMSG bar :lol :) "],
  ],
  [
    "source and empty trailing",
    { source: "coolguy", verb: "foo", params: ["bar", "baz", ""] },
    [":coolguy foo bar baz :"],
  ],
  [
    "trailing contains only spaces",
    { source: "coolguy", verb: "foo", params: ["bar", "baz", "  "] },
    [":coolguy foo bar baz :  "],
  ],
  [
    "param containing tab, which is no SPACE",
    { source: "coolguy", verb: "foo", params: ["b\tar", "baz"] },
    [":coolguy foo b\tar baz", ":coolguy foo b\tar :baz"],
  ],
  [
    "tag with empty value and space-filled trailing",
    { tags: { asd: "" }, source: "coolguy", verb: "foo", params: ["bar", "baz", "  "] },
    ["@asd :coolguy foo bar baz :  ", "@asd= :coolguy foo bar baz :  "],
  ],
  [
    "tag with no value and space-filled trailing",
    { tags: { asd: "" }, source: "coolguy", verb: "foo", params: ["bar", "baz", "  "] },
    ["@asd :coolguy foo bar baz :  "],
  ],
  [
    "tags with escaped values",
    { tags: { a: "b\\and\nk", d: "gh;764" }, verb: "foo" },
    ["@a=b\\\\and\\nk;d=gh\\:764 foo", "@d=gh\\:764;a=b\\\\and\\nk foo"],
  ],
  [
    "tags with escaped values and params",
    { tags: { a: "b\\and\nk", d: "gh;764" }, verb: "foo", params: ["par1", "par2"] },
    [
      "@a=b\\\\and\\nk;d=gh\\:764 foo par1 par2",
      "@a=b\\\\and\\nk;d=gh\\:764 foo par1 :par2",
      "@d=gh\\:764;a=b\\\\and\\nk foo par1 par2",
      "@d=gh\\:764;a=b\\\\and\\nk foo par1 :par2",
    ],
  ],
  [
    "tag with long, strange values (including LF and newline)",
    { tags: { foo: "\\\\;\\s \r\n" }, verb: "COMMAND" },
    ["@foo=\\\\\\\\\\:\\\\s\\s\\r\\n COMMAND"],
  ],
];

/** A source, and its parts. */
export const USERHOST_SPLIT: readonly (readonly [
  source: string,
  atoms: { nick: string; user?: string; host?: string },
])[] = [
  ["coolguy!ag@127.0.0.1", { nick: "coolguy", user: "ag", host: "127.0.0.1" }],
  ["coolguy!~ag@localhost", { nick: "coolguy", user: "~ag", host: "localhost" }],
  ["coolguy@127.0.0.1", { nick: "coolguy", host: "127.0.0.1" }],
  ["coolguy!ag", { nick: "coolguy", user: "ag" }],
  ["coolguy!ag@net\x035w\x03ork.admin", { nick: "coolguy", user: "ag", host: "net\x035w\x03ork.admin" }],
  ["coolguy!~ag@n\x02et\x0305w\x0fork.admin", {
    nick: "coolguy",
    user: "~ag",
    host: "n\x02et\x0305w\x0fork.admin",
  }],
];

/** A mask, texts that it matches, and texts that it does not. */
export const MASK_MATCH: readonly (readonly [mask: string, matches: string[], fails: string[]])[] = [
  [
    "*@127.0.0.1",
    ["coolguy!ab@127.0.0.1", "cooldud3!~bc@127.0.0.1"],
    ["coolguy!ab@127.0.0.5", "cooldud3!~d@124.0.0.1"],
  ],
  [
    "cool*@*",
    ["coolguy!ab@127.0.0.1", "cooldud3!~bc@127.0.0.1", "cool132!ab@example.com"],
    ["koolguy!ab@127.0.0.5", "cooodud3!~d@124.0.0.1"],
  ],
  [
    "cool!*@*",
    ["cool!guyab@127.0.0.1", "cool!~dudebc@127.0.0.1", "cool!312ab@example.com"],
    ["coolguy!ab@127.0.0.1", "cooldud3!~bc@127.0.0.1", "koolguy!ab@127.0.0.5", "cooodud3!~d@124.0.0.1"],
  ],
  ["cool!?username@*", ["cool!ausername@127.0.0.1", "cool!~username@127.0.0.1"], ["cool!username@127.0.0.1"]],
  ["cool!a?*@*", ["cool!ab@127.0.0.1", "cool!abc@127.0.0.1"], ["cool!a@127.0.0.1"]],
  [
    "cool[guy]!*@*",
    ["cool[guy]!guy@127.0.0.1", "cool[guy]!a@example.com"],
    ["coolg!ab@127.0.0.1", "cool[!ac@127.0.1.1"],
  ],
];
