/** The search that `/search` without words goes on with. */
import type { SearchPage } from "../../../irc/search/search_attributes.ts";
import type { SearchRequest } from "../../../irc/search/search_request.ts";
import type { SearchRest } from "../../../irc/vendor_extensions.ts";

export class LastSearch {
  #request: SearchRequest | undefined;
  #before: string | undefined;

  /** The first page of a new search. */
  start(request: SearchRequest): SearchPage {
    this.#request = request;
    this.#before = undefined;
    return { request };
  }

  /** The next page; undefined: there was no search, or all that it found has been shown. */
  get nextPage(): SearchPage | undefined {
    return this.#request === undefined || this.#before === undefined
      ? undefined
      : { request: this.#request, before: this.#before };
  }

  /** A page of `request` has been shown, which leaves `rest`. */
  notePage(request: SearchRequest, rest: SearchRest | undefined): void {
    if (request === this.#request) this.#before = rest?.before;
  }
}
