/** From the first look at the browser to the chat, and back when one logs out. */
import { signal } from "@preact/signals";
import { isTargetName } from "../../irc/names/name_rules.ts";
import { passphraseFault } from "../../irc/sasl/passphrase.ts";
import type { Registration } from "../../client/session/session_event.ts";
import type { LinkEnd } from "../connection/web_socket_link.ts";
import { BrowserKey } from "../storage/browser_key.ts";
import { Database } from "../storage/database.ts";
import { ChatSession } from "./chat_session.ts";
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
export interface AdditionView extends Pick<LoginView, "attempt" | "host" | "name" | "problem"> {
  readonly kind: "addition";
  readonly code: string;
  /** Where name and code come from: the person, or a link in the address of the page, which may not be whole. */
  readonly origin: "person" | "link" | "broken_link";
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
  /** Undefined until the page has looked at the browser. */
  database: Database | undefined;
  #preferences: PreferenceStore | undefined;
  #session: ChatSession | undefined;
  /** Of the session, or of one that is on its way; so is the key. */
  #tabs: TabGroup | undefined;
  #key: BrowserKey | undefined;
  /** Grows with all that leads to another phase. */
  #turn = 0;
  #attempt = 0;

  constructor(location: PageLocation, loadActions: LoadActions) {
    this.#location = location;
    this.#loadActions = loadActions;
  }

  /** Asks about a code in the address; else enters under the name that was used last, or asks for one. */
  async start(): Promise<void> {
    const isCurrent = this.begin();
    const addition = takeAddition();
    const fault = findBrowserFault();
    if (fault !== undefined) {
      this.phase.value = { kind: "unusable", text: fault };
      return;
    }
    try {
      this.database ??= await Database.open();
      this.#preferences ??= await PreferenceStore.open(this.database);
    } catch {
      const text =
        "This browser does not let the page keep a key. Allow data of this site, or leave the private window.";
      this.phase.value = { kind: "unusable", text };
      return;
    }
    if (!isCurrent()) return;
    if (addition !== undefined) {
      return this.showAddition(addition, { origin: addition.code === "" ? "broken_link" : "link" });
    }
    const last = await KeptState.readLastLogin(this.database);
    if (!isCurrent()) return;
    if (last === undefined) return this.ask({ name: "" });
    if (last.isByPassphrase) return this.ask({ name: last.name, asks: "passphrase" });
    await this.enter({ name: last.name, passphrase: "", password: last.password });
  }

  async logIn(input: LoginInput): Promise<void> {
    if (!isTargetName(input.name)) {
      return this.ask({ name: input.name, problem: "A name has no spaces and no commas." });
    }
    const phraseFault = input.passphrase === "" ? undefined : passphraseFault(input.passphrase);
    if (phraseFault !== undefined) {
      return this.ask({ name: input.name, asks: "passphrase", problem: `${phraseFault}.` });
    }
    const { value } = this.phase;
    if (value.kind === "login") this.phase.value = { ...value, name: input.name, isBusy: true };
    await this.enter(input);
  }

  /** Leaves the chat, in all tabs; the key stays. */
  async logOut(): Promise<void> {
    this.#session?.logOut();
    await this.#leave();
  }

  /**
   * Ends the chat, and whatever else is on its way to one: a tab has one session at most. What is returned tells whether
   * nothing else has begun since.
   */
  begin(): () => boolean {
    this.#session?.close();
    this.#session = undefined;
    this.#tabs?.close();
    void this.#key?.discard().catch(() => {}); // a key that is unused is of no harm
    this.#key = undefined;
    const turn = ++this.#turn;
    return () => turn === this.#turn;
  }

  async #leave(): Promise<void> {
    const name = this.#session?.nick.value;
    if (name === undefined) return;
    const isCurrent = this.begin();
    const problem = await KeptState.forgetLastLogin(this.database!).then(() => "", describeStorageFault);
    if (isCurrent()) await this.ask({ name, problem });
  }

  askForCode(name: string): void {
    this.begin();
    this.showAddition({ name, code: "" }, {});
  }

  async askToForget(name: string): Promise<void> {
    const isCurrent = this.begin();
    const key = await BrowserKey.read(this.database!, name);
    if (!isCurrent()) return;
    if (key === undefined) await this.ask({ name });
    else this.phase.value = { kind: "removal", host: this.#location.host, name, key };
  }

  async enter(input: LoginInput): Promise<void> {
    const isCurrent = this.begin();
    const database = this.database!;
    const { name } = input;
    const tabs = this.#tabs = new TabGroup(name);
    try {
      const key = input.passphrase === "" ? await BrowserKey.findOrCreate(database, name) : undefined;
      if (!isCurrent()) return await key?.discard();
      this.#key = key;
      const kept = await KeptState.open(database, name, tabs);
      if (isCurrent()) this.#connect(input, key, kept, tabs);
    } catch (error) {
      if (isCurrent()) await this.ask({ name, problem: describeStorageFault(error) });
    }
  }

  #connect(input: LoginInput, key: BrowserKey | undefined, kept: KeptState, tabs: TabGroup): void {
    const password = input.password === "" ? undefined : input.password;
    const register = (nick: string): Registration =>
      key?.makeRegistration(nick, password) ?? makePassphraseRegistration(nick, input, password);
    const isByPassphrase = key === undefined;
    const session = new ChatSession({
      nick: input.name,
      url: this.url,
      isPrivate: this.#isEncrypted || isLoopbackHost(this.#location.hostname),
      register,
      isLoopback: isLoopbackHost(this.#location.hostname),
      kept,
      tabs,
      preferences: this.#preferences!,
      hasKey: !isByPassphrase,
      loadActions: this.#loadActions,
      onLoggedOut: () => void this.#leave(),
      onEntered: async () => {
        await kept.noteLogin({ isByPassphrase, password: input.password });
        if (session === this.#session) this.phase.value = { kind: "chat", session };
      },
      onOver: (end) => void this.#askAgain(input, end),
    });
    this.#session = session;
  }

  /** The second part has the words; where it cannot be loaded, the server cannot be reached. */
  async #askAgain(input: LoginInput, end: LinkEnd): Promise<void> {
    const isCurrent = this.begin();
    const actions = await this.#loadActions(false);
    if (!isCurrent()) return;
    const failure = actions?.explainLoginFailure(end, input) ?? { problem: `${end.text}. Try again.` };
    await this.ask({ name: input.name, ...failure });
  }

  /** Of the WebSocket. */
  get url(): string {
    return `${this.#isEncrypted ? "wss" : "ws"}://${this.#location.host}/`;
  }

  get #isEncrypted(): boolean {
    return this.#location.protocol === "https:";
  }

  /** Shows the form for a name. */
  async ask(view: Pick<LoginView, "name"> & Partial<Pick<LoginView, "asks" | "problem">>): Promise<void> {
    const isCurrent = this.begin();
    const { host } = this.#location;
    const hasKey = view.name !== "" && await BrowserKey.has(this.database!, view.name);
    const rest = { asks: "name", problem: "", hasKey, ...view } as const;
    if (isCurrent()) {
      this.phase.value = { kind: "login", attempt: ++this.#attempt, host, isBusy: false, ...rest };
    }
  }

  showAddition(
    { name, code }: AdditionInput,
    { problem = "", origin = "person" }: Partial<Pick<AdditionView, "problem" | "origin">>,
  ): void {
    const { host } = this.#location;
    this.phase.value = { kind: "addition", attempt: ++this.#attempt, host, name, code, problem, origin };
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
