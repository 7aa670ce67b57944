/** The event loop's turns: ready sockets are looked at once in each. */

/** What Deno's ports have beyond the standard, and its type library has not. */
interface Port extends MessagePort {
  /** Keeps the process alive, until {@link unref}. */
  ref(): void;
  unref(): void;
}

const channel = new MessageChannel();
const port1 = channel.port1 as Port;
let waiting: (() => void)[] = [];

port1.onmessage = () => {
  const all = waiting;
  waiting = [];
  port1.unref();
  for (const resolve of all) resolve();
};
port1.unref();

/**
 * Settles in the next turn of the event loop, after the runtime has gone round: sockets have been polled, other tasks have
 * run. A message does that in a few microseconds. `setTimeout(0)` takes a millisecond, and `setImmediate` may run in the
 * same poll of the runtime.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) > 1) return;
    port1.ref();
    channel.port2.postMessage(undefined);
  });
}
