export { Discussions } from "./Discussions";
