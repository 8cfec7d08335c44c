/** Imported by lazily loaded screens only. */

export { Search } from "./Search";
export { Write } from "./Write";
