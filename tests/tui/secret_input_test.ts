import { assertEquals } from "@std/assert";
import { isSecretInput } from "../../lib/client/commands/secret_input.ts";
import { pureTest } from "../support/test.ts";

const SECRET: readonly (readonly [line: string, view?: string])[] = [
  ["/oper alice hunter2"],
  [" /oper alice hunter2"],
  ["/oepr alice hunter2"],
  ["/oper hunter2"],
  ["/join #ops key"],
  ["/J ops key"],
  ["/mode #ops +k key"],
  ["/mode #ops +l-k 5 key"],
  ["/mode #ops k key"],
  ["/mode k key"],
  ["/mode ops k key"],
  ["/mode #ops ntk key"],
  ["/mode #ops +ntk key"],
  ["/mode #ops +n k key"],
  ["/mode #ops lk 5 key"],
  ["/mode #ops :+k key"],
  ["/MODE #ops K key"],
  ["/nick alice hunter2"],
  ["/msg NickServ identify hunter2"],
  ["/msg Q@CServe.example.net auth alice hunter2"],
  ["/MSG nickserv identify hunter2"],
  ["/msg NickServ@services.example.net identify hunter2"],
  ["/q  NICKSERV: identify hunter2"],
  ["/msg nickserv,bob identify hunter2"],
  ["/msg @NickServ identify hunter2"],
  ["/msg *sasl set alice hunter2"],
  ["set alice hunter2", "*sasl"],
  ["/ns identify hunter2"],
  ["/quote PASS hunter2"],
  ["/raw PASS hunter2"],
  ["identify hunter2", "NickServ"],
  ["/me identify hunter2", "NickServ"],
  ["/reply identify hunter2", "X@channels.example.org"],
];

pureTest("secret input: what may have a passphrase or a key", () => {
  for (const [line, view] of SECRET) assertEquals(isSecretInput(line, view), true, line);
});

pureTest("secret input: what people say to each other is kept", () => {
  const lines = [
    "hello",
    "//etc",
    "/me waves",
    "/join #ops",
    "/msg bob hi",
    "/msg @#ops hi",
    "/msg server-team hi",
    "/oper",
    "/nick alice",
    "/mode #ops +l 5",
    "/mode #keys +l 5",
    "/mode #ops +o mike",
    "/mode #ops k",
  ];
  for (const line of lines) {
    assertEquals(isSecretInput(line, "#ops"), false, line);
  }
});
