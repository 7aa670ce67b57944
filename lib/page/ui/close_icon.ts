/** Path of the picture on buttons that close something; all of these are in the second part of the page. */
export const CLOSE = "M5 5l10 10M15 5 5 15";
