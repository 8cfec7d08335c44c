export { Organisation } from "./Organisation";
