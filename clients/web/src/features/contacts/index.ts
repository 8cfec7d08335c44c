/** What other features show of contacts. */
export { AskFirst } from "./AskFirst";
export { Block } from "./Block";
