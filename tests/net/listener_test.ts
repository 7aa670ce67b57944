import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { acceptConnections, listen } from "../../lib/net/listener.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { POSIX } from "../support/test.ts";

Deno.test("a port that was left to the system is told", async () => {
  const outcome = await listen({ kind: "tcp", host: "127.0.0.1", port: 0 });
  assert(outcome.kind === "listening" && outcome.address.kind === "tcp", "listening");
  assert(outcome.address.port > 0, "a port");
  outcome.listener.close();
});

Deno.test("an address in use says so and what to do", async () => {
  const first = await listen({ kind: "tcp", host: "127.0.0.1", port: 0 });
  assert(first.kind === "listening", "listening");
  const second = await listen(first.address);
  assert(second.kind === "failed", "in use");
  assert(second.why.includes("is in use by another program; choose another with --listen"), second.why);
  first.listener.close();
});

Deno.test("an address of another machine says so", async () => {
  const outcome = await listen({ kind: "tcp", host: "192.0.2.1", port: 6667 });
  assertEquals(outcome, { kind: "failed", why: "192.0.2.1:6667 is not an address of this machine" });
});

Deno.test(
  "a Unix socket that a dead server left behind is replaced",
  POSIX,
  () =>
    withTempDir(async (dir) => {
      const path = `${dir}/socket`;
      const dead = Deno.listen({ transport: "unix", path });
      await Deno.rename(path, `${path}.kept`); // an orderly close removes it, a kill does not
      dead.close();
      await Deno.rename(`${path}.kept`, path);
      assert((await Deno.lstat(path)).isSocket === true, "it is left behind");
      const outcome = await listen({ kind: "unix", path });
      assert(outcome.kind === "listening", JSON.stringify(outcome));
      outcome.listener.close();
    }),
);

Deno.test("a Unix socket that answers is not taken over", POSIX, () =>
  withTempDir(async (dir) => {
    const path = `${dir}/socket`;
    const first = await listen({ kind: "unix", path });
    assert(first.kind === "listening", "listening");
    assertEquals(await listen({ kind: "unix", path }), {
      kind: "failed",
      why: `${path} is in use by another server`,
    });
    first.listener.close();
  }));

Deno.test("a file that is no socket is left alone", POSIX, () =>
  withTempDir(async (dir) => {
    const path = `${dir}/notes.txt`;
    await Deno.writeTextFile(path, "precious");
    assertEquals(await listen({ kind: "unix", path }), {
      kind: "failed",
      why: `${path} exists and is not a socket; choose another path`,
    });
    assertEquals(await Deno.readTextFile(path), "precious");
  }));

/** A listener whose connections and errors are given. */
function listenerOf(results: unknown[]): Deno.Listener {
  const accept = () => {
    const next = results.shift();
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  };
  return { accept } as unknown as Deno.Listener;
}

Deno.test("accepting goes on after trouble, and ends with the listener", async () => {
  const told: string[] = [];
  const results = [new Deno.errors.ConnectionReset("gone"), "conn", new Deno.errors.BadResource("closed")];
  const accepted: unknown[] = [];
  await acceptConnections(listenerOf(results), (conn) => accepted.push(conn), (why) => told.push(why));
  assertEquals([accepted, results.length], [["conn"], 0]);
  assertEquals(told, ["a connection could not be accepted: gone"]);
});

Deno.test("accepting pauses only where there is no room for a further connection, and of many other failures other work goes on", async () => {
  const reset = () => new Deno.errors.ConnectionAborted("Software caused connection abort (os error 103)");
  const out = [24, 23, 105].map((code) => new Error(`no room (os error ${code})`));
  const pauses: number[] = [];
  const run = (results: unknown[]) =>
    acceptConnections(
      listenerOf([...results, new Deno.errors.BadResource("closed")]),
      () => {},
      () => {},
      () => 0,
      (ms) => {
        pauses.push(ms);
        return Promise.resolve();
      },
    );
  await run([reset(), reset(), ...out, "conn", reset()]);
  assertEquals(pauses.map((ms) => ms > 0), [true, true, true]);
  pauses.length = 0;
  await run(Array.from({ length: 5000 }, reset));
  assertEquals([pauses.every((ms) => ms === 0), pauses.length > 0, pauses.length < 5000], [true, true, true]);
});

Deno.test("out of file handles that is told once a minute, however often it is tried and somebody gets in", async () => {
  const full = () => new Error("Too many open files (os error 24)");
  const told: string[] = [];
  let now = 0;
  const results = [full(), full(), "a", full(), "b", full(), "c", new Deno.errors.BadResource("closed")];
  const accept = (conn: unknown) => {
    if (conn === "b") now += 60_000;
  };
  await acceptConnections(listenerOf(results), accept, (why) => told.push(`${now}: ${why}`), () => now);
  const words = "new connections wait until others close: Too many open files (os error 24); " +
    "a higher limit (ulimit -n) allows more";
  assertEquals(told, [`0: ${words}`, `60000: ${words}`]);
});

Deno.test(
  "of servers that find a dead one's Unix socket at the same moment one takes its place, and is reached",
  POSIX,
  () =>
    withTempDir(async (dir) => {
      for (let round = 0; round < 20; round++) {
        const path = `${dir}/${round}.sock`;
        const dead = Deno.listen({ transport: "unix", path });
        await Deno.rename(path, `${path}.kept`); // as above
        dead.close();
        await Deno.rename(`${path}.kept`, path);
        const outcomes = await Promise.all([1, 2, 3].map(() => listen({ kind: "unix", path })));
        const open = outcomes.flatMap((outcome) => outcome.kind === "listening" ? outcome.listener : []);
        assertEquals(open.length, 1);
        const client = await Deno.connect({ transport: "unix", path });
        (await open[0]!.accept()).close();
        client.close();
        open[0]!.close();
      }
      assertEquals(await Array.fromAsync(Deno.readDir(dir)), []);
    }),
);

Deno.test(
  "a server that takes the place of a dead one while that is looked at keeps it, though its file is the same to see",
  POSIX,
  () =>
    withTempDir(async (dir) => {
      const path = `${dir}/socket`;
      const dead = Deno.listen({ transport: "unix", path });
      await Deno.rename(path, `${path}.kept`); // as above
      dead.close();
      await Deno.rename(`${path}.kept`, path);
      let live: Deno.UnixListener | undefined;
      {
        const { connect, lstat } = Deno;
        using _found = replace(
          "connect",
          ((options: Deno.UnixConnectOptions) => {
            if (live !== undefined) return connect(options);
            Deno.removeSync(path);
            live = Deno.listen({ transport: "unix", path });
            return Promise.reject(new Deno.errors.ConnectionRefused());
          }) as unknown as typeof Deno.connect,
        );
        // The inode number and the time of the dead one, as a file system may give them to the live one.
        const first = await lstat(path);
        using _same = replace("lstat", async (path) => {
          const { ino, mtime } = first;
          return { ...await lstat(path), ino, mtime };
        });
        assertEquals(await listen({ kind: "unix", path }), {
          kind: "failed",
          why: `${path} is in use by another server`,
        });
      }
      const client = await Deno.connect({ transport: "unix", path });
      (await live!.accept()).close();
      client.close();
      live!.close();
      assertEquals(await Array.fromAsync(Deno.readDir(dir)), []);
    }),
);

Deno.test("every address is one of IPv4 and one of IPv6, on the same port", async () => {
  const outcome = await listen({ kind: "tcp", host: "*", port: 0 });
  assert(outcome.kind === "listening" && outcome.address.kind === "tcp", JSON.stringify(outcome));
  const { listener, other, address: { port } } = outcome;
  const accepted = [listener, other].flatMap((each) =>
    each === undefined ? [] : each.accept().catch(() => undefined)
  );
  try {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    const peer = await Promise.race(accepted);
    assert(peer !== undefined, "IPv4 is heard");
    peer.close();
    conn.close();
    assertEquals((listener as Deno.TcpListener).addr.hostname, hasIpv6() ? "::" : "0.0.0.0");
    const taken = await listen({ kind: "tcp", host: "*", port });
    assertEquals(taken.kind === "failed" && taken.inUse, true);
  } finally {
    listener.close();
    other?.close();
  }
});

function hasIpv6(): boolean {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

const mode = (path: string) => ((Deno.lstatSync(path).mode ?? 0) & 0o777).toString(8);

Deno.test(
  "a Unix socket has its rights from its first moment on, and the process's mask is as before",
  POSIX,
  () =>
    withTempDir(async (dir) => {
      const mask = Deno.umask();
      for (
        const [access, wanted] of [[{}, "660"], [{ mode: 0o666 }, "666"], [{ mode: 0o600 }, "600"]] as const
      ) {
        const path = `${dir}/${wanted}`;
        using seen = recordListens(() => mode(path));
        const outcome = await listen({ kind: "unix", path }, undefined, access);
        assert(outcome.kind === "listening", JSON.stringify(outcome));
        assertEquals([...seen.results, mode(path)], [wanted, wanted]);
        outcome.listener.close();
      }
      assertEquals(Deno.umask(), mask);
    }),
);

Deno.test(
  "a Unix socket that is to have a group is its owner's alone until it has it",
  POSIX,
  () =>
    withTempDir(async (dir) => {
      const path = `${dir}/s`;
      const group = Deno.gid()!;
      using seen = recordListens(() => mode(path));
      const outcome = await listen({ kind: "unix", path }, undefined, { mode: 0o660, group });
      assert(outcome.kind === "listening", JSON.stringify(outcome));
      assertEquals([...seen.results, mode(path), Deno.lstatSync(path).gid], ["600", "660", group]);
      outcome.listener.close();
    }),
);

Deno.test(
  "a group that the socket cannot be given is told, and no socket stays",
  POSIX,
  () =>
    withTempDir(async (dir) => {
      using _refuses = replace("chownSync", () => {
        throw new Deno.errors.PermissionDenied("Operation not permitted (os error 1)");
      });
      const outcome = await listen({ kind: "unix", path: `${dir}/s` }, undefined, { group: 4711 });
      assertEquals(outcome, {
        kind: "failed",
        why:
          "--unix-group 4711: the socket cannot be assigned to it; only root or a member of that group can do so",
      });
      assertEquals([...Deno.readDirSync(dir)], []);
    }),
);

Deno.test("a place where no socket can be is told in words", POSIX, () =>
  withTempDir(async (dir) => {
    const why = async (path: string) => {
      const outcome = await listen({ kind: "unix", path });
      return outcome.kind === "failed" ? outcome.why : outcome;
    };
    assertEquals(await why(`${dir}/none/s`), `unix:${dir}/none/s: there is no such folder`);
    const long = `${dir}/${"x".repeat(120)}`;
    assertEquals(
      await why(long),
      `unix:${long}: the path is too long for a socket (108 bytes at most); choose another one`,
    );
    const file = `${dir}/file`;
    Deno.writeTextFileSync(file, "kept");
    assertEquals(await why(file), `${file} exists and is not a socket; choose another path`);
    assertEquals(Deno.readTextFileSync(file), "kept");
  }));

/** In place of the platform's function of that name, until it is disposed of. */
function replace<K extends "connect" | "listen" | "lstat" | "chownSync">(
  name: K,
  fake: typeof Deno[K],
): Disposable {
  const original = Deno[name];
  Object.defineProperty(Deno, name, { value: fake, configurable: true, writable: true });
  return {
    [Symbol.dispose]: () =>
      Object.defineProperty(Deno, name, { value: original, configurable: true, writable: true }),
  };
}

/** What `look` sees right behind each call of the platform's `listen`. */
function recordListens<T>(look: () => T): Disposable & { results: T[] } {
  const results: T[] = [];
  const original = Deno.listen;
  const fake = ((options: Deno.TcpListenOptions) => {
    const listener = original(options);
    results.push(look());
    return listener;
  }) as typeof Deno.listen;
  return { results, [Symbol.dispose]: replace("listen", fake)[Symbol.dispose] };
}
