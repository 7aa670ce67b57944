/** Mutable side of {@link Account}, which its service (services/accounts/) and apply/ change. */
import { casefold } from "../../../irc/names/casemap.ts";
import type { ScramCredentials } from "../../../irc/sasl/scram_server.ts";
import type { OwnerId } from "../identifiers.ts";
import type { Account, User } from "./entities.ts";

export class MutableAccount implements Account {
  readonly folded: string;
  users: readonly User[] = NO_USERS;
  /** Salt, stored key and server key in base64, as one string: three byte arrays take several times as much memory. */
  #packed = "";
  #iterations = 0;

  constructor(
    readonly name: string,
    readonly owner: OwnerId,
    readonly createdAt: number,
    credentials: ScramCredentials,
  ) {
    this.folded = casefold(name);
    this.credentials = credentials;
  }

  set credentials({ salt, iterations, storedKey, serverKey }: ScramCredentials) {
    this.#packed = [salt, storedKey, serverKey].map((bytes) => bytes.toBase64()).join();
    this.#iterations = iterations;
  }

  get credentials(): ScramCredentials {
    const [salt, storedKey, serverKey] = this.#packed.split(",").map((text) => Uint8Array.fromBase64(text));
    return { salt: salt!, iterations: this.#iterations, storedKey: storedKey!, serverKey: serverKey! };
  }
}

const NO_USERS: readonly User[] = [];
