/** The frame around everything that concerns one organisation, for the screens of other features. */
export { TeamFrame } from "./Frame";
export { organisation } from "./state";
