import { assertEquals } from "@std/assert";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { ReadBudget } from "../../lib/client/connection/read_budget.ts";
import { Link } from "../../lib/client/connection/link.ts";
import type { Conn } from "../../lib/net/conn.ts";
import { pureTest } from "../support/test.ts";

pureTest("read budget: after 5 ms of work the others have a turn, before the next group", async () => {
  let now = 0;
  const happened: (number | "turn")[] = [];
  const budget = new ReadBudget(() => now, () => Promise.resolve(void happened.push("turn")));
  const read = async () => {
    const length = await budget.read(() => Promise.resolve(1));
    for await (const group of budget.groups(Array.from({ length: 70 }))) {
      happened.push(group.length);
      now += 2;
    }
    return length;
  };
  await read();
  await read();
  assertEquals(happened, [32, 32, 6, "turn", 32, 32, 6]);
  happened.length = 0;
  await budget.read(() => Promise.resolve(now += 1000)); // the server was silent
  await read();
  assertEquals(happened, [32, 32, 6], "who has waited need not again");
});

/** A server that sends without a pause: each read is answered at once. */
class EndlessConn implements Conn {
  #next = ":fake 001 alice :Welcome\r\n:fake 422 alice :no message of the day\r\n";
  isClosed = false;

  read(buffer: Uint8Array): Promise<number | null> {
    if (this.isClosed) return Promise.resolve(null);
    const bytes = encodeUtf8(this.#next);
    this.#next = ":bob!b@h PRIVMSG alice :hello\r\n".repeat(1000);
    buffer.set(bytes);
    return Promise.resolve(bytes.length);
  }

  write(bytes: Uint8Array): Promise<number> {
    return Promise.resolve(bytes.length);
  }

  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.isClosed = true;
  }
}

pureTest("link: a server that sends without a pause lets keys have their turn after some lines", async () => {
  const conn = new EndlessConn();
  let lines = 0;
  let now = 0;
  const turns: number[] = [];
  const key = Promise.withResolvers<void>();
  const link = new Link(conn, { transport: "tcp", hostname: "127.0.0.1", port: 6667 }, {
    address: { kind: "tcp", host: "127.0.0.1", port: 6667 },
    registration: { nick: "alice" },
    onEvent: () => {
      lines++;
      now += 0.1;
      if (lines > 10_000) link.abort("the key has not come");
    },
    budget: new ReadBudget(() => now, () => {
      turns.push(lines);
      if (turns.length === 3) key.resolve();
      return Promise.resolve();
    }),
  });
  const why = await Promise.race([key.promise, link.closed]);
  link.abort("enough");
  assertEquals({ why, turns }, { why: undefined, turns: [65, 129, 193] });
});
