/** The queue of notifications: how many at once, in which order, and what becomes of those beyond its bounds. */
import { assertEquals } from "@std/assert";
import { assert } from "../../../lib/base/assert.ts";
import type { PageNotification } from "../../../lib/base/values/page_notification.ts";
import {
  MAX_NOTIFICATIONS_AT_ONCE,
  MAX_WAITING_NOTIFICATIONS,
  MAX_WAITING_PER_ACCOUNT,
  NotificationQueue,
} from "../../../lib/server/notify/notification_queue.ts";
import { NotifyPolicy } from "../../../lib/server/settings/notify_flags.ts";
import { comesTrue } from "../../support/guard.ts";
import { modulesOf } from "../../support/loaded_modules.ts";
import { OK, RINGING, WebTarget } from "./web_target.ts";
import type { SeenRequest } from "./web_target.ts";

/** A queue with a target that answers when it is told to, and what the hub was told of each job. */
class TestQueue {
  readonly outcomes: string[] = [];
  readonly refusals: string[] = [];
  /** Requests that wait for their answer. */
  readonly held: { readonly path: string; readonly answer: () => void }[] = [];
  readonly target = WebTarget.listen(async (conn, request) => {
    await new Promise<void>((answer) => this.held.push({ path: pathOf(request), answer }));
    await OK(conn, request);
  });
  readonly queue: NotificationQueue;
  /** Times at which the hub had a turn for an outcome. */
  readonly turns: number[] = [];

  constructor(allowed = ["127.0.0.1"]) {
    this.queue = new NotificationQueue(new NotifyPolicy(true, allowed), (text) => this.refusals.push(text));
  }

  /** `owner`: of the account, which has the URL with `path`. */
  send(path: string, change: Partial<PageNotification> = {}, owner = path): void {
    const run = (task: (hub: { beginTask(now: number): void }, now: number) => void) => {
      task({ beginTask: (now) => this.turns.push(now) }, this.turns.length + 1);
      return Promise.resolve();
    };
    const done = (trouble?: string) => this.outcomes.push(`${path} ${change.page ?? ""}${trouble ?? "sent"}`);
    this.queue.send([{
      owner,
      url: `http://127.0.0.1:${this.target.port}/${path}`,
      notification: { ...RINGING, ...change },
      done,
    }], { run } as unknown as Parameters<NotificationQueue["send"]>[1]);
  }

  get paths(): string[] {
    return this.target.requests.map(pathOf);
  }

  async whenHeld(count: number): Promise<void> {
    await comesTrue(`${count} requests`, () => this.held.length === count);
  }
}

function pathOf({ line }: SeenRequest): string {
  return line.split(" ")[1]!.slice(1);
}

async function withQueue(queue: TestQueue, run: (queue: TestQueue) => Promise<void>): Promise<void> {
  try {
    await run(queue);
  } finally {
    queue.queue.stop();
    queue.held.forEach(({ answer }) => answer());
    await queue.target.close();
  }
}

Deno.test("notification queue: so many at once, and the outcome of each in a turn", () =>
  withQueue(new TestQueue(), async (test) => {
    const paths = Array.from(
      { length: MAX_NOTIFICATIONS_AT_ONCE + 2 },
      (_, nth) => String.fromCharCode(97 + nth),
    );
    paths.forEach((path) => test.send(path));
    await test.whenHeld(MAX_NOTIFICATIONS_AT_ONCE);
    assertEquals([test.paths.toSorted(), test.outcomes], [paths.slice(0, -2), []]);
    test.held[0]!.answer();
    await test.whenHeld(MAX_NOTIFICATIONS_AT_ONCE + 1);
    assertEquals([test.outcomes.length, test.turns], [1, [1]]);
    test.held.slice(1).forEach(({ answer }) => answer());
    await test.whenHeld(paths.length);
    test.held.at(-1)!.answer();
    await comesTrue("all outcomes", () => test.outcomes.length === paths.length);
    assertEquals(test.outcomes.toSorted(), paths.map((path) => `${path} sent`));
    assertEquals(test.queue.counts, { sent: paths.length, failed: 0 });
  }));

Deno.test("notification queue: those of one account go one after another, and others pass them", () =>
  withQueue(new TestQueue(), async (test) => {
    [1, 2, 3].forEach((page) =>
      test.send(`slow/${page}`, { page }, "one account, which sets one URL after another")
    );
    ["x", "y"].forEach((path) => test.send(path));
    await test.whenHeld(3);
    assertEquals(test.paths.toSorted(), ["slow/1", "x", "y"]);
    test.held.filter(({ path }) => !path.startsWith("slow")).forEach(({ answer }) => answer());
    await comesTrue("the others' outcomes", () => test.outcomes.length === 2);
    for (const sent of [1, 2, 3]) {
      test.held.findLast(({ path }) => path.startsWith("slow"))!.answer();
      await comesTrue(`outcome ${sent}`, () => test.outcomes.length === 2 + sent);
      if (sent < 3) await test.whenHeld(3 + sent);
    }
    const slow = test.target.requests.filter(({ line }) => line.includes("slow"));
    assertEquals(slow.map(({ body }) => JSON.parse(body).page), [1, 2, 3]);
    assertEquals(test.outcomes.filter((text) => text.startsWith("slow")), [
      "slow/1 1sent",
      "slow/2 2sent",
      "slow/3 3sent",
    ]);
  }));

Deno.test("notification queue: beyond its bounds a notification fails, and the pager can be told", () =>
  withQueue(new TestQueue(), async (test) => {
    const full = "too many notifications wait to be sent";
    for (let page = 0; page < MAX_WAITING_PER_ACCOUNT + 2; page++) test.send("slow", { page });
    assertEquals(test.outcomes, [`slow ${MAX_WAITING_PER_ACCOUNT + 1}${full}`]); // one is on its way
    for (let nth = 0; test.outcomes.length === 1; nth++) {
      assert(nth <= MAX_WAITING_NOTIFICATIONS, "the queue is bounded");
      test.send(`u${nth}`);
    }
    assertEquals(test.outcomes[1], `slow ${MAX_WAITING_PER_ACCOUNT}${full}`); // of the account with the most
    assertEquals(test.queue.counts, { sent: 0, failed: 2 });
    await test.whenHeld(MAX_NOTIFICATIONS_AT_ONCE);
  }));

Deno.test("notification queue: it goes on after a failure, and the log has a refusal once", () =>
  withQueue(new TestQueue(["127.0.0.2"]), async (test) => {
    ["a", "b", "a"].forEach((path) => test.send(path));
    await comesTrue("all outcomes", () => test.outcomes.length === 3);
    assertEquals(test.queue.counts, { sent: 0, failed: 3 });
    assertEquals(test.refusals.length, 1);
    assertEquals(test.target.connections, 0);
  }));

Deno.test("notification queue: what sends is loaded with the first notification only", async () => {
  const { loaded, known } = await modulesOf("lib/server/notify/notification_queue.ts");
  const sender = "lib/server/notify/notification_sender.ts";
  assertEquals([loaded.includes(sender), known.includes(sender)], [false, true]);
});

Deno.test("notification queue: a stopped one sends and reports nothing more", () =>
  withQueue(new TestQueue(), async (test) => {
    for (let nth = 0; nth <= MAX_NOTIFICATIONS_AT_ONCE; nth++) test.send(`u${nth}`);
    await test.whenHeld(MAX_NOTIFICATIONS_AT_ONCE);
    test.queue.stop();
    test.send("f");
    test.held.forEach(({ answer }) => answer());
    await test.target.whenIdle();
    assertEquals([test.outcomes, test.paths.length], [[], MAX_NOTIFICATIONS_AT_ONCE]);
  }));
