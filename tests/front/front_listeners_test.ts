/** Listeners of a front: what a hub asks for is opened once, whichever hub it is. */
import { assertEquals } from "@std/assert";
import { FrontListeners } from "../../lib/front/front_listeners.ts";
import type { Address } from "../../lib/net/address.ts";
import type { UpFrame } from "../../lib/relay/upward.ts";
import type { Acceptor } from "../../lib/server/listen/acceptor.ts";
import type { ListenRequest } from "../../lib/server/relay/front_setup.ts";
import { TEST_SETUP } from "./relayed_server.ts";

Deno.test("front listeners: the next hub finds those that are open, with the addresses that were asked for", async () => {
  const opened: Address[] = [];
  const told: UpFrame[] = [];
  const acceptor: Pick<Acceptor, "listen"> = {
    listen(address) {
      opened.push(address);
      const found = address.kind === "unix" ? address : { ...address, port: 7000 + opened.length };
      return Promise.resolve({ kind: "listening", listener: {} as Deno.Listener, address: found });
    },
  };
  const listeners = new FrontListeners({
    acceptor: acceptor as Acceptor, // no other member is used
    setup: TEST_SETUP,
    tls: undefined,
    connect: () => Promise.resolve(undefined),
    report: (frame) => void told.push(frame),
    tell: (frame) => void told.push(frame),
    isRelayed: () => true,
  });
  const asked: Address = { kind: "tcp", host: "127.0.0.1", port: 0 };
  const ask = (request: number, change: Partial<ListenRequest> = {}) =>
    listeners.listen(
      request,
      JSON.stringify({ address: asked, asked, isWeb: false, access: {}, sharing: "first", ...change }),
    );
  await ask(0);
  const address: Address = { ...asked, port: 7001 };
  assertEquals(listeners.open, [{ asked, isWeb: false, address }]);
  await ask(4, { address, sharing: "further" });
  assertEquals(opened.length, 1);
  await ask(5, { address: { ...asked, port: 6667 } });
  assertEquals(told, [
    { kind: "listening", request: 0, address: JSON.stringify(address) },
    { kind: "listening", request: 4, address: JSON.stringify(address) },
    { kind: "listening", request: 5, address: JSON.stringify({ ...asked, port: 7002 }) },
  ]);
});
