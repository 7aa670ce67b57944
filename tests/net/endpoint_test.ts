import { assertEquals } from "@std/assert";
import { formatEndpoint } from "../../lib/net/endpoint.ts";

Deno.test({
  name: "endpointOf: both sides of a connection name the server's end alike, by IPv4, IPv6 and Unix socket",
  permissions: { net: true, read: true, write: true },
  async fn() {
    const dir = await Deno.makeTempDir();
    await Deno.mkdir(`${dir}/a`);
    const doors: [Deno.Listener, () => Promise<Deno.Conn>][] = [];
    const anywhere = Deno.listen({ hostname: "::", port: 0 });
    const { port } = anywhere.addr as Deno.NetAddr;
    for (const hostname of ["127.0.0.1", "::1"]) {
      doors.push([anywhere, () => Deno.connect({ hostname, port })]);
    }
    if (Deno.build.os !== "windows") {
      const path = `${dir}/a/../s`;
      const unix = Deno.listen({ transport: "unix", path });
      doors.push([unix, () => Deno.connect({ transport: "unix", path: `${dir}/s` })]);
    }
    try {
      for (const [listener, connect] of doors) {
        using client = await connect();
        using server = await listener.accept();
        assertEquals(formatEndpoint(server.localAddr), formatEndpoint(client.remoteAddr));
        assertEquals(formatEndpoint(client.remoteAddr) === "", false);
      }
    } finally {
      for (const listener of new Set(doors.map(([listener]) => listener))) listener.close();
      await Deno.remove(dir, { recursive: true });
    }
  },
});

Deno.test({
  name: "endpointOf: a zone is left out, ports are told apart, a socket that is gone is nowhere",
  permissions: { read: true },
  fn() {
    const at = (hostname: string, port = 1) => formatEndpoint({ transport: "tcp", hostname, port });
    assertEquals(at("fe80::1%eth0"), "tcp:[fe80::1]:1");
    assertEquals(at("::FFFF:10.0.0.1", 2), "tcp:[10.0.0.1]:2");
    assertEquals(formatEndpoint({ transport: "unix", path: "/no/such/socket" }), "");
  },
});
