/** The search that `/search` without words goes on with. */
import type { SearchPage } from "../../../irc/search/search_attributes.ts";
import type { SearchRequest } from "../../../irc/search/search_request.ts";
import type { FoundPage } from "./search_page.ts";
import type { SearchQuery } from "./search_results.ts";

export class LastSearch {
  /** The page to ask for next, which may have been asked for without success; undefined: there is none. */
  #next: SearchQuery | undefined;
  /** What the last page was; undefined: there was no search. */
  #end: string | undefined;

  /** A new search, as typed, begins with `page`. */
  start(page: SearchPage, typed: string): SearchQuery {
    return this.#next = { page, typed };
  }

  get nextPage(): SearchQuery | undefined {
    return this.#next;
  }

  /** Why there is no next page of the last search; undefined: there was none. */
  get end(): string | undefined {
    return this.#end;
  }

  /** The answer to `purpose` has been shown. */
  notePage({ page, typed }: SearchQuery, { messages, rest }: FoundPage): void {
    if (!this.#isLast(page.request)) return;
    const before = rest?.before;
    this.#next = before === undefined ? undefined : { page: { request: page.request, before }, typed };
    this.#end = messages.length === 0 && page.before === undefined
      ? `nothing was found for ${typed}`
      : `all that was found for ${typed} has been shown`;
  }

  #isLast(request: SearchRequest): boolean {
    return this.#next?.page.request === request;
  }
}
