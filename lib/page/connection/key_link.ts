/** A link that adds this browser to a name. */

export interface AdditionInput {
  readonly name: string;
  /** As typed. */
  readonly code: string;
}

/**
 * Name and code in the address of the page (`#add=alice:CODE`), which is removed from there and from the history, so
 * that nothing keeps it; undefined: there are none.
 */
export function takeAddition(): AdditionInput | undefined {
  const [, name, code] = /^#add=([^:]+):(.*)$/.exec(location.hash) ?? [];
  if (name === undefined || code === undefined) return undefined;
  history.replaceState(null, "", location.pathname);
  try {
    return { name: decodeURIComponent(name), code };
  } catch {
    return undefined;
  }
}
