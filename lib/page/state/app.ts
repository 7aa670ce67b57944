/** From the first look at the browser to the chat, and back when one logs out. */
import { signal } from "@preact/signals";
import { isTargetName } from "../../irc/names/name_rules.ts";
import { passphraseFault } from "../../irc/sasl/passphrase.ts";
import type { Registration } from "../../client/session/session_event.ts";
import type { LinkEnd } from "../connection/web_socket_link.ts";
import { BrowserKey } from "../storage/browser_key.ts";
import { Database } from "../storage/database.ts";
import { ChatSession } from "./chat_session.ts";
import { describeLoginFailure, fieldToAsk } from "./login_failure.ts";
import { takeAddition } from "../connection/key_link.ts";
import type { AdditionInput } from "../connection/key_link.ts";
import type { LoadActions } from "./late_actions.ts";
import { KeptState } from "../storage/kept_state.ts";
import { TabGroup } from "../storage/tab_group.ts";
import { PreferenceStore } from "./preference_store.ts";

export interface LoginView {
  readonly kind: "login";
  /** Grows: each is a form of its own. */
  readonly attempt: number;
  /** The server, as in the address of the page. */
  readonly host: string;
  readonly name: string;
  /** What is asked for beside the name. */
  readonly asks: "name" | "passphrase" | "password";
  /** Why the last attempt has failed, and what to do; "": there was none. */
  readonly problem: string;
  readonly isBusy: boolean;
  /** This browser has a key of the name. */
  readonly hasKey: boolean;
}

/** A code of another device is asked for. */
export interface AdditionView extends Pick<LoginView, "attempt" | "host" | "name" | "problem" | "isBusy"> {
  readonly kind: "addition";
  readonly code: string;
  /** Name and code come from the address of the page. */
  readonly isLink: boolean;
}

/** It is asked whether the key of a name is to be forgotten. */
export interface RemovalView extends Pick<LoginView, "host" | "name"> {
  readonly kind: "removal";
  readonly key: string;
}

export type Phase =
  | { readonly kind: "starting" }
  /** The browser cannot run the page; `text` says what to do. */
  | { readonly kind: "unusable"; readonly text: string }
  | LoginView
  | AdditionView
  | RemovalView
  | { readonly kind: "chat"; readonly session: ChatSession };

export interface LoginInput {
  readonly name: string;
  /** "": the key of this browser. */
  readonly passphrase: string;
  /** Of the server; "": none. */
  readonly password: string;
}

/** Where the page was loaded from. */
export type PageLocation = Pick<Location, "protocol" | "host" | "hostname">;

export class App {
  readonly phase = signal<Phase>({ kind: "starting" });
  readonly #location: PageLocation;
  readonly #loadActions: LoadActions;
  #database: Database | undefined;
  #preferences: PreferenceStore | undefined;
  #session: ChatSession | undefined;
  #attempt = 0;

  constructor(location: PageLocation, loadActions: LoadActions) {
    this.#location = location;
    this.#loadActions = loadActions;
  }

  /** Asks about a code in the address; else enters under the name that was used last, or asks for one. */
  async start(): Promise<void> {
    const addition = takeAddition();
    const fault = findBrowserFault();
    if (fault !== undefined) {
      this.phase.value = { kind: "unusable", text: fault };
      return;
    }
    try {
      this.#database ??= await Database.open();
      this.#preferences ??= await PreferenceStore.open(this.#database);
    } catch {
      const text =
        "This browser does not let the page keep a key. Allow data of this site, or leave the private window.";
      this.phase.value = { kind: "unusable", text };
      return;
    }
    if (addition !== undefined) return this.#showAddition(addition, { isLink: true });
    const last = await KeptState.readLastLogin(this.#database);
    if (last === undefined) return this.#ask({ name: "" });
    if (last.isByPassphrase) return this.#ask({ name: last.name, asks: "passphrase" });
    await this.#enter({ name: last.name, passphrase: "", password: last.password });
  }

  async logIn(input: LoginInput): Promise<void> {
    if (!isTargetName(input.name)) {
      return this.#ask({ name: input.name, problem: "A name has no spaces and no commas." });
    }
    const phraseFault = input.passphrase === "" ? undefined : passphraseFault(input.passphrase);
    if (phraseFault !== undefined) {
      return this.#ask({ name: input.name, asks: "passphrase", problem: `${phraseFault}.` });
    }
    const { value } = this.phase;
    if (value.kind === "login") this.phase.value = { ...value, name: input.name, isBusy: true };
    await this.#enter(input);
  }

  /** Leaves the chat, in all tabs; the key stays. */
  async logOut(): Promise<void> {
    this.#session?.logOut();
    await this.#leave();
  }

  async #leave(): Promise<void> {
    const name = this.#session?.nick.value ?? "";
    this.#session?.close();
    this.#session = undefined;
    const problem = await KeptState.forgetLastLogin(this.#database!).then(() => "", describeStorageFault);
    await this.#ask({ name, problem });
  }

  askForCode(name: string): void {
    this.#showAddition({ name, code: "" }, {});
  }

  /** Fetches the key for a code, keeps it, and enters. */
  async add(input: AdditionInput): Promise<void> {
    const { value: view } = this.phase;
    if (view.kind !== "addition") return;
    this.phase.value = { ...view, isBusy: true };
    const actions = await this.#loadActions();
    const problem = actions === undefined
      ? "This part of the page cannot be loaded. Reload it."
      : await actions.addKey(this.#database!, this.#url, input);
    if (problem === undefined) await this.#enter({ name: input.name, passphrase: "", password: "" });
    else this.#showAddition(input, { problem });
  }

  async askToForget(name: string): Promise<void> {
    const key = await BrowserKey.read(this.#database!, name);
    if (key !== undefined) this.phase.value = { kind: "removal", host: this.#location.host, name, key };
  }

  /** Forgets the key of `name`, and all that is kept of it. */
  async forget(name: string): Promise<void> {
    await BrowserKey.forget(this.#database!, name);
    await KeptState.forget(this.#database!, name);
    await this.#ask({ name: "" });
  }

  /** Shows the form for `name`. */
  async askFor(name: string): Promise<void> {
    await this.#ask({ name });
  }

  async #enter(input: LoginInput): Promise<void> {
    const database = this.#database!;
    const tabs = new TabGroup(input.name);
    try {
      const key = input.passphrase === "" ? await BrowserKey.findOrCreate(database, input.name) : undefined;
      this.#connect(input, key, await KeptState.open(database, input.name, tabs), tabs);
    } catch (error) {
      tabs.close();
      this.#ask({ name: input.name, problem: describeStorageFault(error) });
    }
  }

  #connect(input: LoginInput, key: BrowserKey | undefined, kept: KeptState, tabs: TabGroup): void {
    const password = input.password === "" ? undefined : input.password;
    const register = (nick: string): Registration =>
      key?.makeRegistration(nick, password) ?? makePassphraseRegistration(nick, input, password);
    const isByPassphrase = key === undefined;
    const session = new ChatSession({
      nick: input.name,
      url: this.#url,
      isPrivate: this.#isEncrypted || isLoopbackHost(this.#location.hostname),
      register,
      isLoopback: isLoopbackHost(this.#location.hostname),
      kept,
      tabs,
      preferences: this.#preferences!,
      hasKey: !isByPassphrase,
      loadActions: this.#loadActions,
      onLoggedOut: () => void this.#leave(),
      onEntered: () => {
        kept.noteLogin({ isByPassphrase, password: input.password });
        this.phase.value = { kind: "chat", session };
      },
      onOver: (end) => void this.#handleOver(end, input, key),
    });
    this.#session = session;
  }

  get #url(): string {
    return `${this.#isEncrypted ? "wss" : "ws"}://${this.#location.host}/`;
  }

  get #isEncrypted(): boolean {
    return this.#location.protocol === "https:";
  }

  async #handleOver(end: LinkEnd, input: LoginInput, key: BrowserKey | undefined): Promise<void> {
    this.#session?.close();
    this.#session = undefined;
    await key?.discard().catch(() => {}); // a key that is unused is of no harm
    const { name } = input;
    await this.#ask({ name, problem: describeLoginFailure(end, input), asks: fieldToAsk(end) });
  }

  async #ask(view: Pick<LoginView, "name"> & Partial<Pick<LoginView, "asks" | "problem">>): Promise<void> {
    const { host } = this.#location;
    const hasKey = view.name !== "" && await BrowserKey.has(this.#database!, view.name);
    const rest = { asks: "name", problem: "", hasKey, ...view } as const;
    this.phase.value = { kind: "login", attempt: ++this.#attempt, host, isBusy: false, ...rest };
  }

  #showAddition(
    { name, code }: AdditionInput,
    { problem = "", isLink = false }: Partial<Pick<AdditionView, "problem" | "isLink">>,
  ): void {
    const { host } = this.#location;
    const rest = { name, code, problem, isLink };
    this.phase.value = { kind: "addition", attempt: ++this.#attempt, host, isBusy: false, ...rest };
  }
}

function describeStorageFault(error: unknown): string {
  return `This browser does not keep what the page has to (${error}). Free some space, or leave the private window.`;
}

function makePassphraseRegistration(
  nick: string,
  { name, passphrase }: LoginInput,
  password: string | undefined,
): Registration {
  return {
    nick,
    password,
    credentials: {
      account: name,
      kind: "passphrase",
      secret: passphrase,
      isRequired: true,
      isUnregistered: false,
      isRegisteredOnPurpose: true,
      register: "never",
    },
  };
}

/** Why the page cannot work here, in a sentence; undefined: it can. */
function findBrowserFault(): string | undefined {
  if (!globalThis.isSecureContext) {
    return "Browsers keep no key for a page without encryption: open it as https:// (chatterbox serve --web https://HOST:PORT), or on the server's own machine as http://127.0.0.1.";
  }
  return "toBase64" in Uint8Array.prototype && "map" in Iterator.prototype
    ? undefined
    : "This browser is too old for the page: it needs one of 2025 or later.";
}

function isLoopbackHost(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost") || host === "[::1]" ||
    /^127(\.\d+){3}$/.test(host);
}
