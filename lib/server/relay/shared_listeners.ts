/**
 * The listeners that all fronts have: the first front opens each, so that a port of another program is found, and the
 * others after it. Those that fronts have from an earlier hub are known, and stay open.
 */
import type { Address } from "../../net/address.ts";
import type { UnixAccess } from "../../net/listener.ts";
import type { UpFrame } from "../../relay/upward.ts";
import type { OpenOutcome } from "../listen/listeners.ts";
import type { DownFrame } from "../../relay/downward.ts";
import { type ListenRequest, parseJson } from "./front_setup.ts";

/** A front that is connected. */
export interface ListeningFront {
  readonly index: number;
  tell(frame: DownFrame): void;
}

export interface SharedListenersOptions<Link extends ListeningFront> {
  readonly fronts: number;
  /** The fronts that are connected. */
  readonly links: () => Iterable<Link>;
  /** Something has changed. */
  readonly onChange: () => void;
  /** A front that is not the first one could not open a listener. */
  readonly onFailure: (link: Link, why: string) => void;
}

/** A listener that all fronts have, or are to have. */
interface SharedListener {
  request: ListenRequest;
  /** Fronts that have it open. */
  readonly open: Set<number>;
  /** Settles with the outcome of the first front. */
  readonly first: PromiseWithResolvers<OpenOutcome>;
  /** The first front could not open it. */
  hasFailed: boolean;
}

export class SharedListeners<Link extends ListeningFront> {
  readonly #options: SharedListenersOptions<Link>;
  readonly #listeners: SharedListener[] = [];
  #failure: string | undefined;

  constructor(options: SharedListenersOptions<Link>) {
    this.#options = options;
  }

  /**
   * Opens a listener in all fronts; the outcome is that of the first one. Only that one has a Unix socket. `known`: where
   * fronts listen for it already.
   */
  listen(
    asked: Address,
    isWeb: boolean,
    access: Partial<UnixAccess>,
    known: Address | undefined,
  ): Promise<OpenOutcome> {
    const request: ListenRequest = {
      address: known ?? asked,
      asked,
      isWeb,
      access,
      sharing: known === undefined ? "first" : "further",
    };
    const first = Promise.withResolvers<OpenOutcome>();
    const number = this.#listeners.push({ request, open: new Set(), first, hasFailed: false }) - 1;
    if (this.#failure !== undefined) first.resolve({ kind: "failed", why: this.#failure });
    else {
      if (known !== undefined) first.resolve({ kind: "listening", address: known });
      for (const link of this.#options.links()) this.#ask(link, number);
    }
    return first.promise;
  }

  /** Has a front that has connected open all listeners. */
  askAll(link: Link): void {
    this.#listeners.forEach((_, number) => this.#ask(link, number));
  }

  /** No front can be started. */
  fail(why: string): void {
    this.#failure ??= why;
    for (const { first } of this.#listeners) first.resolve({ kind: "failed", why });
  }

  /** A front is gone. */
  forget(index: number): void {
    for (const { open } of this.#listeners) open.delete(index);
  }

  /** All fronts have all listeners open, except for those that cannot be opened. */
  get areComplete(): boolean {
    return this.#listeners.every(({ request: { address }, open, hasFailed }) =>
      hasFailed || open.size === (address.kind === "unix" ? 1 : this.#options.fronts)
    );
  }

  /** Asks a front to listen, where the first front does already or this is the first one. */
  #ask(link: Link, number: number): void {
    const { request, open, hasFailed } = this.#listeners[number]!;
    const isFirst = link.index === 0;
    if (!isFirst && (request.sharing === "first" || request.address.kind === "unix")) return;
    if (hasFailed || open.has(link.index)) return;
    link.tell({ kind: "listen", request: number, what: JSON.stringify(request) });
  }

  handle(link: Link, frame: UpFrame & { kind: "listening" | "failed" }): void {
    const listener = this.#listeners[frame.request];
    if (listener === undefined) return;
    if (frame.kind === "failed") return this.#handleFailure(link, listener, frame);
    const address = parseJson<Address>(frame.address);
    listener.open.add(link.index);
    if (listener.request.sharing === "first") {
      listener.request = { ...listener.request, address, sharing: "further" };
      for (const other of this.#options.links()) this.#ask(other, frame.request);
      listener.first.resolve({ kind: "listening", address });
    }
    this.#options.onChange();
  }

  #handleFailure(
    link: Link,
    listener: SharedListener,
    { why, inUse }: UpFrame & { kind: "failed" },
  ): void {
    if (listener.request.sharing !== "first") return this.#options.onFailure(link, why);
    listener.hasFailed = true;
    listener.first.resolve(inUse ? { kind: "failed", why, inUse } : { kind: "failed", why });
  }
}
