import { assertEquals } from "@std/assert";
import { ReservedNames } from "../../lib/irc/names/reserved_names.ts";
import { isService } from "../../lib/irc/names/service_name.ts";
import { ONCALL_SERVICE } from "../../lib/irc/oncall.ts";
import { pureTest } from "../support/test.ts";

const reserved = new ReservedNames(["chat", "ChatterBox"]);

pureTest("reserved names: services, the server, its network, its staff, in whatever spelling", () => {
  const server =
    "NickServ nickserv ChanServ HistServ Global MemoServ OperServ BotServ HostServ SaslServ StatServ localhost " +
    "observer anonymous server services chat CHAT chatterbox Ni\u0307ckServ NickServ\u0307 N\u0131ckServ ＮｉｃｋＳｅｒｖ N1ckServ " +
    "Gl0bal GIobal G1obal MernoServ Nick_Serv [NickServ] NickServ_ ΝіскЅеrv ChanServ\u0323 Ｇｌｏｂａｌ";
  for (const name of server.split(" ")) assertEquals([name, reserved.reservedFor(name)], [name, "server"]);
  for (
    const name of "admin Admin ADM\u0130N \u00e1dmin Administrator oper 0per operator sysop system".split(" ")
  ) {
    assertEquals([name, reserved.reservedFor(name)], [name, "staff"]);
  }
});

pureTest("reserved names: others are free", () => {
  const free =
    "alice root server2 globalist serve admins nick chan irc_bot conserve Алиса bob_admin1 operators";
  for (const name of free.split(" ")) assertEquals([name, reserved.reservedFor(name)], [name, undefined]);
});

pureTest("reserved names: services are known by their names, and no user has one of those", () => {
  for (const name of ["NickServ", "histserv", "OPERSERV", ONCALL_SERVICE]) {
    assertEquals([name, isService(name), reserved.reservedFor(name)], [name, true, "server"]);
  }
  for (const name of ["alice", "server", "oncall2", "serve"]) {
    assertEquals([name, isService(name)], [name, false]);
  }
});
