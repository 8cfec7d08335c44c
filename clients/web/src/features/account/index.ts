export { NotVerified } from "./NotVerified";
export { Organisation } from "./Organisation";
export { SignIn } from "./SignIn";
