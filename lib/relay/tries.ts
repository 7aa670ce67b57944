/** How often a front gives the next hub what a hub has ended with, which may be what it has ended of. */

/** Lines that so many hubs were given in vain are not worked on again. */
export const MAX_LINE_TRIES = 2;
/** Sessions that so many hubs were given in vain are refused. */
export const MAX_SESSION_TRIES = 4;
