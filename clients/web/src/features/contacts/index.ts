/** What other features show of contacts. */
export { Block } from "./Block";
