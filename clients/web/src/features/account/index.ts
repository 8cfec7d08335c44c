export { Organisation } from "./Organisation";
export { SignIn } from "./SignIn";
