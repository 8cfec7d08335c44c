export { Organisation } from "./Organisation";
export { SignOut } from "./SignOut";
