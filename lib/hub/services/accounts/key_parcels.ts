/**
 * Key parcels (docs/protocol/keyshare.md): keys of names on their way to another client, encrypted by the client that
 * shares the key. They are in memory only, and end with the session that left them.
 */
import type { OwnerId } from "../../model/identifiers.ts";
import type { Session } from "../../model/state/entities.ts";

/** Time for which a parcel can be fetched, in milliseconds. */
export const KEY_PARCEL_TTL_MS = 600_000;
/** Most parcels of the server that can be fetched. */
export const MAX_KEY_PARCELS = 1000;
/** Most of them that sessions of one address have left. */
export const MAX_KEY_PARCELS_PER_ADDRESS = 20;
/** Most parcels of which the server still knows that they were fetched or are over. */
export const MAX_ENDED_KEY_PARCELS = 1000;

export interface KeyParcel {
  readonly id: string;
  /** Left by this session, which is told of its end. */
  readonly session: Session;
  readonly owner: OwnerId;
  readonly content: string;
  /** Monotonic time, in milliseconds. */
  readonly expiresAt: number;
}

/** `over`: expired, withdrawn, replaced, or the session that left it has ended. */
type KeyParcelEnd = "fetched" | "over";

export class KeyParcels {
  readonly #open = new Map<string, KeyParcel>();
  /** The open parcel of each owner that has one. */
  readonly #owners = new Map<OwnerId, KeyParcel>();
  /** By id, in the order in which they ended. */
  readonly #ended = new Map<string, KeyParcelEnd>();

  get isFull(): boolean {
    return this.#open.size >= MAX_KEY_PARCELS;
  }

  /** Whether no more can be left from the address `host`. */
  isFullFor(host: string): boolean {
    const isFromHost = ({ session }: KeyParcel) => session.host === host;
    return this.#open.values().filter(isFromHost).take(MAX_KEY_PARCELS_PER_ADDRESS).toArray().length ===
      MAX_KEY_PARCELS_PER_ADDRESS;
  }

  /** The parcel of `owner` that can be fetched. */
  ofOwner(owner: OwnerId): KeyParcel | undefined {
    return this.#owners.get(owner);
  }

  /** Whether `id` is that of a parcel, or was it. */
  isUsed(id: string): boolean {
    return this.#open.has(id) || this.#ended.has(id);
  }

  get(id: string): KeyParcel | undefined {
    return this.#open.get(id);
  }

  /** How the parcel `id` has ended; undefined: that is not known. */
  endOf(id: string): KeyParcelEnd | undefined {
    return this.#ended.get(id);
  }

  /** The caller has checked that the bounds permit it. */
  add(parcel: KeyParcel): void {
    this.#open.set(parcel.id, parcel);
    this.#owners.set(parcel.owner, parcel);
  }

  end({ id, owner }: KeyParcel, how: KeyParcelEnd): void {
    if (!this.#open.delete(id)) return;
    this.#owners.delete(owner);
    this.#ended.set(id, how);
    if (this.#ended.size <= MAX_ENDED_KEY_PARCELS) return;
    const [oldest] = this.#ended.keys();
    this.#ended.delete(oldest!);
  }

  /** Ends the parcels of a session that has ended. */
  dropSession(session: Session): void {
    for (const parcel of this.#open.values()) if (parcel.session === session) this.end(parcel, "over");
  }

  /** Ends expired parcels, and returns them. */
  expire(monotonic: number): KeyParcel[] {
    const over = [...this.#open.values()].filter(({ expiresAt }) => expiresAt <= monotonic);
    for (const parcel of over) this.end(parcel, "over");
    return over;
  }
}
