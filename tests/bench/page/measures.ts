/** What the bench of the page measures, in the page itself. */
/// <reference lib="dom" />
import type { Page } from "playwright-core";
import type { BenchServer } from "./bench_server.ts";

/** Milliseconds from the navigation to the first text or picture. */
export async function measureFirstPaint(page: Page): Promise<number> {
  const paint = await page.waitForFunction(() =>
    performance.getEntriesByName("first-contentful-paint")[0]?.startTime
  );
  return await paint.jsonValue() as number;
}

/** Milliseconds from a click on `room` in the list, or from a key, to the frame that shows a message of it. */
export async function measureSwitch(page: Page, room: string, how: "click" | "up" | "down"): Promise<number> {
  await page.evaluate(watchSwitch, { text: `in ${room}`, event: how === "click" ? "click" : "keydown" });
  if (how === "click") await page.locator(".item", { hasText: room }).click();
  else await page.keyboard.press(how === "up" ? "Alt+ArrowUp" : "Alt+ArrowDown");
  return await page.evaluate(() => (globalThis as unknown as { switched: Promise<number> }).switched);
}

/** Waits from the next `event` on for a frame in which the newest message has `text`. */
function watchSwitch({ text, event }: { readonly text: string; readonly event: string }): void {
  const isShown = () => document.querySelector(".scroller article:last-of-type")?.textContent?.includes(text);
  const switched = new Promise<number>((resolve) => {
    addEventListener(event, ({ timeStamp }) => {
      const look = () => {
        if (isShown()) setTimeout(() => resolve(performance.now() - timeStamp)); // behind the frame
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    }, { once: true, capture: true });
  });
  Object.assign(globalThis, { switched });
}

export interface Interactions {
  /** Milliseconds from the event to the frame behind it, by Event Timing: in steps of 8, from 16 on. */
  readonly ms: number[];
  /** Milliseconds between frames while the list is scrolled. */
  readonly frames: number[];
}

/** Types, scrolls and clicks for a while. */
export async function measureInteractions(page: Page, rounds: number): Promise<Interactions> {
  await page.evaluate(() => {
    const seen = new Map<number, number>();
    Object.assign(globalThis, { seenInteractions: seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { interactionId, duration } = entry as PerformanceEventTiming & { interactionId: number };
        if (interactionId > 0) seen.set(interactionId, Math.max(duration, seen.get(interactionId) ?? 0));
      }
    }).observe({ type: "event", durationThreshold: 16 } as PerformanceObserverInit);
  });
  const countBefore = await countInteractions(page);
  const frames: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await page.locator("textarea").click();
    await page.keyboard.type("words that go nowhere ", { delay: 20 });
    frames.push(...await scrollByWheel(page));
    for (const article of await page.locator("article").all().then((all) => all.slice(-2))) {
      await article.click({ position: { x: 5, y: 5 }, timeout: 1000 }).catch(() => {}); // it may have moved out of view
    }
    await page.getByLabel("To the newest message").click({ timeout: 1000 }).catch(() => {});
  }
  const slow = await page.evaluate(
    () => [...(globalThis as unknown as { seenInteractions: Map<number, number> }).seenInteractions.values()],
  );
  const quickCount = Math.max(0, await countInteractions(page) - countBefore - slow.length);
  await page.locator("textarea").fill("");
  return { ms: [...Array.from({ length: quickCount }, () => 16), ...slow], frames };
}

function countInteractions(page: Page): Promise<number> {
  return page.evaluate(() => (performance as Performance & { interactionCount: number }).interactionCount);
}

async function scrollByWheel(page: Page): Promise<number[]> {
  const frames = page.evaluate(() =>
    new Promise<number[]>((resolve) => {
      const times: number[] = [];
      const note = (time: number) => {
        times.push(time);
        if (time - times[0]! < 1000) requestAnimationFrame(note);
        else resolve(times.slice(1).map((each, at) => each - times[at]!));
      };
      requestAnimationFrame(note);
    })
  );
  await page.mouse.move(700, 400);
  for (let turn = 0; turn < 20; turn++) await page.mouse.wheel(0, turn < 14 ? -240 : 160);
  return await frames;
}

export interface Journey {
  readonly seconds: number;
  /** Most children of the list at a time: rows, and two for the space around them. */
  readonly mostRows: number;
  /** The furthest that a row moved on the screen by itself, in pixels. */
  readonly jumpPx: number;
  /** Sum of the scores of layout shifts while nothing was scrolled. */
  readonly layoutShift: number;
  readonly heapMiB: number;
}

/** Scrolls the open room up to its first message, in steps of some screens. */
export async function scrollToBeginning(page: Page): Promise<Journey> {
  const began = performance.now();
  await page.mouse.move(700, 400);
  await page.evaluate(watchLayoutShifts);
  let [mostRows, jumpPx, isAtBeginning] = [0, 0, false];
  while (!isAtBeginning) {
    const part = await page.evaluate(scrollUp);
    mostRows = Math.max(mostRows, part.mostRows);
    jumpPx = Math.max(jumpPx, part.jumpPx);
    isAtBeginning = part.isAtBeginning;
  }
  const seconds = (performance.now() - began) / 1000;
  const layoutShift = await page.evaluate(sumShifts);
  return { seconds, mostRows, jumpPx, layoutShift, heapMiB: await measureHeap(page) };
}

interface ShiftWatch {
  readonly shifts: { readonly time: number; readonly score: number }[];
  /** Spans of time in which nothing was scrolled: a shift in the frame of a scroll is told apart from it badly. */
  readonly still: { readonly from: number; readonly to: number }[];
}

function watchLayoutShifts(): void {
  const watch: ShiftWatch = { shifts: [], still: [] };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { startTime, value } = entry as PerformanceEntry & { value: number };
      watch.shifts.push({ time: startTime, score: value });
    }
  }).observe({ type: "layout-shift" });
  Object.assign(globalThis, { watch });
}

function sumShifts(): number {
  const { shifts, still } = (globalThis as unknown as { watch: ShiftWatch }).watch;
  return shifts.filter(({ time }) => still.some(({ from, to }) => time >= from && time <= to))
    .reduce((sum, { score }) => sum + score, 0);
}

/** Some steps up. Between two of them no row moves, whatever comes above it meanwhile. */
async function scrollUp(): Promise<{ mostRows: number; jumpPx: number; isAtBeginning: boolean }> {
  const { still } = (globalThis as unknown as { watch: ShiftWatch }).watch;
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const scroller = document.querySelector(".scroller")!;
  const articles = () => Array.from(scroller.querySelectorAll<HTMLElement>("article"));
  let [mostRows, jumpPx] = [0, 0];
  for (let step = 0; step < 40; step++) {
    scroller.scrollTop -= 4000;
    await frame();
    const from = performance.now();
    const seen = articles().find((article) => article.getBoundingClientRect().top > 100);
    const before = seen?.getBoundingClientRect().top ?? 0;
    do {
      await frame();
      mostRows = Math.max(mostRows, scroller.childElementCount);
    } while (scroller.getAttribute("aria-busy") === "true");
    const after = articles().find(({ dataset }) => dataset.key === seen?.dataset.key);
    if (after !== undefined) jumpPx = Math.max(jumpPx, Math.abs(after.getBoundingClientRect().top - before));
    still.push({ from, to: performance.now() });
    if (articles()[0]?.textContent?.includes("number 0 in")) return { mostRows, jumpPx, isAtBeginning: true };
  }
  return { mostRows, jumpPx, isAtBeginning: false };
}

/** Milliseconds of processor time that the main thread of `page` takes while `during` goes on. */
export async function measureMainThread(page: Page, during: () => Promise<unknown>): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const taskSeconds = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration")!.value;
  };
  const before = await taskSeconds();
  await during();
  const ms = (await taskSeconds() - before) * 1000;
  await session.detach();
  return ms;
}

async function measureHeap(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  return usedSize / 2 ** 20;
}

/**
 * First paints of `trials` profiles that know nothing, and of as many visits of one profile. `least`: of a page of one
 * word and no files, in a profile that knows nothing: what the browser itself takes.
 */
export async function measureFirstPaints(
  server: BenchServer,
  trials: number,
): Promise<{ least: number[]; cold: number[]; warm: number[] }> {
  const least: number[] = [];
  const cold: number[] = [];
  const headers = { "content-type": "text/html" };
  await using word = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("<!doctype html><title>word</title>word", { headers }),
  );
  for (let trial = 0; trial < trials; trial++) {
    least.push(await paintFirst(server, (page) => page.goto(`http://127.0.0.1:${word.addr.port}`)));
    cold.push(await paintFirst(server, (page) => server.visit(page)));
  }
  const page = await (await server.profile()).newPage();
  await server.visit(page);
  const warm: number[] = [];
  for (let trial = 0; trial < trials; trial++) {
    await server.visit(page);
    warm.push(await measureFirstPaint(page));
  }
  await page.context().close();
  return { least, cold, warm };
}

async function paintFirst(server: BenchServer, visit: (page: Page) => Promise<unknown>): Promise<number> {
  const profile = await server.profile();
  const page = await profile.newPage();
  await visit(page);
  const ms = await measureFirstPaint(page);
  await profile.close();
  return ms;
}
